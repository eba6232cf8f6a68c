//! `cronbus alert ack`.

use anyhow::Result;
use clap::Args;

use crate::ctl::client::{Client, encode};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;
use crate::web::alert_acts::Acknowledged;
use crate::web::api::alerts::Note;

/// Which alert, and what to say.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its id, as `cronbus alert list` shows it
    alert: String,
    /// What you know, for the others
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Says that somebody looks after it.
    ///
    /// # Errors
    /// When no node answers, or there is no such alert.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let path = format!("/api/v1/alerts/{}/acknowledge", encode(&self.alert));
        let answer: Acknowledged = client.post(&path, &Note { note: self.note }).await?;
        terminal.line(format!("{} is looked after by {}", answer.id, answer.by))?;
        Ok(())
    }
}
