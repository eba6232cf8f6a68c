//! `cronbus job run`.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::ctl::client::{Client, job_path, run_path};
use crate::ctl::connection::Connection;
use crate::ctl::pair::{self, Pair};
use crate::ctl::run::wait::{until_over, verdict, warn};
use crate::ctl::terminal::Terminal;
use crate::web::view::SubmittedView;

/// Which job, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its name or its id
    job: String,
    /// A value that stands before the job's own; may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// The same key gives the same run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until the run is over, and end with 0 only if it succeeded
    #[arg(long)]
    wait: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Runs a job now and says the run's id.
    ///
    /// # Errors
    /// When no node answers, or it refuses; with `--wait`, also when the run did not succeed.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let params: BTreeMap<_, _> = pair::map(self.params);
        let body = json!({ "params": params, "idempotency_key": self.idempotency_key });
        let mut submitted: SubmittedView = client.post(&format!("{}/run", job_path(&self.job)), &body).await?;
        if !self.json {
            terminal.line(submitted.run_id)?;
            terminal.flush()?;
        }
        if self.wait {
            let path = run_path(&submitted.run_id.to_string());
            submitted.run = until_over(async || client.get(&path, &[]).await, terminal).await?;
        } else {
            warn(&submitted.run, terminal);
        }
        if self.json {
            terminal.json(&submitted)?;
        }
        if self.wait { verdict(&submitted.run, terminal) } else { Ok(()) }
    }
}
