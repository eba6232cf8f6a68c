//! `cronbus run list` and `cronbus job history`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;
use cronbus_core::dispatch::Awaited;
use cronbus_core::run::State;
use cronbus_core::time::Timestamp;

use crate::ctl::client::job_path;
use crate::ctl::list::{List, Wanted};
use crate::ctl::relative;
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::view::RunView;

/// Which runs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only runs of this job: a name or an id
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    wanted: Wanted,
}

/// Which runs of which job.
#[derive(Debug, Args)]
pub(crate) struct HistoryOptions {
    /// The job's name or id
    job: String,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Debug, Args)]
struct Selection {
    /// Only runs in one of these states, separated by commas
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    state: Vec<State>,
    /// Only runs on this node
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Only runs that exist for this reason: schedule, manual, adhoc or retry
    #[arg(long, value_name = "TRIGGER", value_parser = ["schedule", "manual", "adhoc", "retry"])]
    trigger: Option<String>,
    /// Only runs due at or after this instant
    #[arg(long, value_name = "RFC 3339")]
    from: Option<Timestamp>,
    /// Only runs due before this instant
    #[arg(long, value_name = "RFC 3339")]
    until: Option<Timestamp>,
}

impl Options {
    /// Lists runs, newest due moment first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let mut query = self.selection.query();
        query.extend(self.job.map(|job| ("job", job)));
        self.wanted.show(&runs("/api/v1/runs"), query, terminal).await
    }
}

impl HistoryOptions {
    /// Lists the runs of a job, newest due moment first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let path = format!("{}/history", job_path(&self.job));
        self.wanted.show(&runs(&path), self.selection.query(), terminal).await
    }
}

impl Selection {
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = Vec::new();
        if !self.state.is_empty() {
            let states: Vec<_> = self.state.iter().map(|state| state.as_str()).collect();
            query.push(("state", states.join(",")));
        }
        query.extend(self.node.clone().map(|node| ("node", node)));
        query.extend(self.trigger.clone().map(|trigger| ("trigger", trigger)));
        query.extend(self.from.map(|from| ("from", from.to_string())));
        query.extend(self.until.map(|until| ("until", until.to_string())));
        query
    }
}

fn runs(path: &str) -> List<'_, RunView> {
    let columns = &["RUN", "JOB", "DUE", "STATE", "TOOK", "NODE", "TRIGGER", "WHY"];
    List { path, columns, row, none: "no runs yet that fit" }
}

fn row(run: &RunView, now: Timestamp) -> Vec<Cell> {
    let trigger = if run.attempt > 1 { format!("retry {}", run.attempt) } else { run.trigger.as_str().to_owned() };
    vec![
        Cell::new(run.id),
        table::text(&run.job),
        Cell::new(relative::to(run.due_at, now)),
        table::state(run.state),
        Cell::new(took(run).map(relative::length).unwrap_or_default()),
        table::text(run.node.as_ref().map(|node| node.as_str()).unwrap_or_default()),
        Cell::new(trigger),
        table::text(&why_now(run)),
    ]
}

/// How long a run took.
pub(crate) fn took(run: &RunView) -> Option<Duration> {
    Some(run.ended_at?.since(run.started_at?))
}

/// What a run waits for, or else why it is in its state.
fn why_now(run: &RunView) -> String {
    match &run.waiting_for {
        // When it is due has a column of its own.
        Some(waits) if waits.what != Awaited::Moment => format!("waits: {}", waits.detail),
        _ => why(run),
    }
}

/// Why a run is in its state, in as few words as say it.
pub(crate) fn why(run: &RunView) -> String {
    if !run.reason.is_empty() {
        return run.reason.clone();
    }
    match (run.signal, run.exit_code) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) if code != 0 => format!("exit code {code}"),
        _ => String::new(),
    }
}
