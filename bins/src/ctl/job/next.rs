//! `cronbus job next`.

use anyhow::Result;
use clap::Args;
use cronbus_core::time::Timestamp;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::cron::show;
use crate::ctl::terminal::Terminal;
use crate::explain::{Explanation, USUAL_COUNT};

/// Which job, and which of its due moments.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its name or its id
    job: String,
    /// Due moments after this instant [default: now]
    #[arg(long, value_name = "RFC 3339")]
    from: Option<Timestamp>,
    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = USUAL_COUNT)]
    count: usize,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Shows the next due moments of a job's rule.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let mut query = vec![("count", self.count.to_string())];
        query.extend(self.from.map(|from| ("from", from.to_string())));
        let explanation: Explanation = client.get(&format!("{}/next", job_path(&self.job)), &query).await?;
        if self.json {
            terminal.json(&explanation)?;
            return Ok(());
        }
        show::explanation(&explanation, terminal)
    }
}
