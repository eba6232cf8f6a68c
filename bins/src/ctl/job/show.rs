//! `cronbus job show`.

use anyhow::Result;
use clap::Args;
use cronbus_core::port::operations::JobStatus;
use cronbus_core::time::Timestamp;

use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::Terminal;
use crate::ctl::{now, relative, table};
use crate::web::view::JobView;

/// Which job.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its name or its id
    job: String,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Shows a job's definition as TOML, and how the job is doing.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let path = job_path(&self.job);
        let mut job: JobView = client.get(&path, &[]).await?;
        let status: JobStatus = client.get(&format!("{path}/status"), &[]).await?;
        if self.json {
            job.status = Some(status);
            terminal.json(&job)?;
            return Ok(());
        }
        let now = now();
        terminal.line(toml::to_string(&*job.definition)?)?;
        for (label, value) in facts(&job, &status, now) {
            terminal.line(format!("# {label:<10} {value}"))?;
        }
        if let Some(state) = status.last_state {
            let painted = terminal.paint(table::colour(state), state.as_str());
            let ago = status.last_at.map(|at| relative::to(at, now)).unwrap_or_default();
            let run = status.last_run.map(|run| run.to_string()).unwrap_or_default();
            terminal.line(format!("# {:<10} {painted} {ago} {run}", "last"))?;
        }
        Ok(())
    }
}

fn facts(job: &JobView, status: &JobStatus, now: Timestamp) -> Vec<(&'static str, String)> {
    let by = super::super::terminal::harmless(&job.updated_by);
    let mut facts = vec![
        ("id", job.id.to_string()),
        ("revision", format!("{} by {by}, {}", job.revision.0, relative::to(job.updated_at, now))),
    ];
    if let Some(pause) = &job.pause {
        let until = pause.until.map_or_else(String::new, |until| format!(" until {until}"));
        let note = super::super::terminal::harmless(&pause.note);
        facts.push(("paused", format!("{} by {}{until} {note}", relative::to(pause.since, now), pause.by)));
    }
    if let Some(at) = job.next_at {
        facts.push(("next", format!("{at} ({})", relative::to(at, now))));
    }
    if let Some(why) = &job.no_node {
        facts.push(("no node", super::super::terminal::harmless(why)));
    }
    if status.looked_at > 0 {
        let failures = status.consecutive_failures;
        let (missed, late, of) = (status.missed, status.late, status.looked_at);
        facts
            .push(("trouble", format!("{failures} failures in a row; of the last {of}: {missed} missed, {late} late")));
    }
    if let (Some(p50), Some(p95)) = (status.p50_ms, status.p95_ms) {
        facts.push(("takes", format!("{p50} ms in the middle, {p95} ms at the 95th percentile")));
    }
    facts
}
