//! `cronbus job rm`.

use anyhow::Result;
use clap::Args;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;
use crate::web::view::JobView;

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
            // By its id: the name may be another job's meanwhile.
            let JobView { id, definition, .. } = client.get(&job_path(job), &[]).await?;
            client.delete(&job_path(&id.to_string())).await?;
            let name = &definition.name;
            terminal.line(format!("deleted {name} (id {id}); its runs stay: `cronbus job history {id}`"))?;
        }
        Ok(())
    }
}
