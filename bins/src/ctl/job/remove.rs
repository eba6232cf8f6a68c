//! `cronbus job rm`.

use anyhow::Result;
use clap::Args;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;

/// Which jobs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Their names or ids
    #[arg(required = true)]
    jobs: Vec<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Deletes jobs, one after the other.
    ///
    /// # Errors
    /// When no node answers, or it refuses; those before are deleted then.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        for job in &self.jobs {
            client.delete(&job_path(job)).await?;
            terminal.line(format!("deleted {job}"))?;
        }
        Ok(())
    }
}
