//! `cronbus alert test`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::ctl::client::{Client, encode};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::{Terminal, harmless};
use crate::web::alert_acts::Tested;

/// Which channel.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its name
    channel: String,
    /// As a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Has the node that is asked send a message.
    ///
    /// # Errors
    /// When no node answers, there is no such channel, or its other end did not take the message.
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let path = format!("/api/v1/channels/{}/test", encode(&self.channel));
        let tested: Tested = client.post(&path, &json!({})).await?;
        if self.json {
            terminal.json(&tested)?;
            return Ok(());
        }
        terminal.line(format!("sent over {}: {}", tested.channel, harmless(&tested.detail)))?;
        Ok(())
    }
}
