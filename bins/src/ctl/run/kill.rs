//! `cronbus run kill`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::ctl::client::{Client, run_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;
use crate::web::view::KilledView;

/// Which runs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Their ids
    #[arg(required = true)]
    runs: Vec<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Ends runs. One that is over already is no failure.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        for run in &self.runs {
            let answer: KilledView = client.post(&format!("{}/kill", run_path(run)), &json!({})).await?;
            let what = if answer.killed { "is being ended" } else { "was over already" };
            terminal.line(format!("{run} {what}"))?;
        }
        Ok(())
    }
}
