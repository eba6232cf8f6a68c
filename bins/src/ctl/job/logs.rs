//! `cronbus job logs`.

use anyhow::Result;
use clap::Args;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::{Terminal, harmless};
use crate::web::log_search::{RunLines, SearchView, Stop};

/// What is looked for, and where.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The job's name or id
    job: String,
    /// A plain text, whatever its case
    #[arg(long, value_name = "TEXT")]
    search: String,
    /// In how many of its newest runs
    #[arg(long, value_name = "N", default_value_t = 50)]
    runs: usize,
    /// In the runs before this one, as the search before says
    #[arg(long, value_name = "RUN")]
    before: Option<String>,
    /// As a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Writes the lines that have the text, each with its run, and says what was not looked at.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let mut query = vec![("q", self.search), ("runs", self.runs.to_string())];
        query.extend(self.before.map(|run| ("cursor", run)));
        let found: SearchView = client.get(&format!("{}/logs/search", job_path(&self.job)), &query).await?;
        if self.json {
            terminal.json(&found)?;
            return Ok(());
        }
        for run in &found.items {
            write(run, terminal)?;
        }
        for unread in &found.unread {
            terminal.note(format_args!("run {}: {}", unread.run, harmless(&unread.why)));
        }
        terminal.note(format_args!("{} runs and {} bytes were looked at{}", found.runs, found.bytes, ended(&found)));
        Ok(())
    }
}

fn write(run: &RunLines, terminal: &mut Terminal) -> Result<()> {
    for line in &run.lines {
        terminal.line(format_args!("{} {} {}", run.run, line.at, harmless(&line.text)))?;
    }
    if run.more {
        terminal.note(format_args!("run {} has more such lines: `cronbus run logs {}`", run.run, run.run));
    }
    Ok(())
}

/// Why there may be more, and how to look for it.
fn ended(found: &SearchView) -> String {
    let (Some(stop), Some(next)) = (found.stopped, &found.next) else { return String::new() };
    let why = match stop {
        Stop::Runs => "as many runs as one search looks at",
        Stop::Bytes => "as much output as one search reads",
        Stop::Time => "as long as one search takes",
        Stop::Lines => "as many lines as one search shows",
    };
    format!(": {why}; older ones with --before {next}")
}
