//! `cronbus job pause` and `cronbus job resume`.

use anyhow::Result;
use clap::Args;
use cronbus_core::duration::Period;
use cronbus_core::time::Timestamp;
use serde_json::json;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::now;
use crate::ctl::terminal::Terminal;
use crate::web::view::JobView;

/// Which job, and how it is paused.
#[derive(Debug, Args)]
pub(crate) struct PauseOptions {
    /// Its name or its id
    job: String,
    /// Resume by itself at this instant
    #[arg(long, value_name = "RFC 3339", conflicts_with = "lasting")]
    until: Option<Timestamp>,
    /// Resume by itself after this long, like 2h30m
    #[arg(long = "for", value_name = "PERIOD")]
    lasting: Option<Period>,
    /// Why
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    connection: Connection,
}

impl PauseOptions {
    /// Pauses a job.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let until = self.until.or_else(|| self.lasting.map(|period| now() + period.duration()));
        let body = json!({ "until": until, "note": self.note });
        let job: JobView = client.post(&format!("{}/pause", job_path(&self.job)), &body).await?;
        let until = until.map_or_else(|| "until it is resumed".to_owned(), |until| format!("until {until}"));
        terminal.line(format!("paused {} {until}", job.definition.name))?;
        Ok(())
    }
}

/// Which job.
#[derive(Debug, Args)]
pub(crate) struct ResumeOptions {
    /// Its name or its id
    job: String,
    #[command(flatten)]
    connection: Connection,
}

impl ResumeOptions {
    /// Ends a job's pause.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let job: JobView = client.post(&format!("{}/resume", job_path(&self.job)), &json!({})).await?;
        let next = job.next_at.map_or_else(String::new, |at| format!("; due next at {at}"));
        terminal.line(format!("resumed {}{next}", job.definition.name))?;
        Ok(())
    }
}
