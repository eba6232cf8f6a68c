//! How late runs began. Demands nothing.

use std::collections::BTreeMap;

use cronbus_core::time::Timestamp;
use serde_json::Value;

/// How late the runs of jobs `tick-…` were that were due in a span of time, by job: the latest of each, in milliseconds;
/// ascending.
pub(crate) fn of_ticks(runs: &[Value], from: Timestamp, until: Timestamp) -> Vec<i64> {
    let at = |run: &Value, field: &str| -> Option<Timestamp> { run[field].as_str()?.parse().ok() };
    let mut by_job = BTreeMap::<String, i64>::new();
    for run in runs {
        let (Some(due), Some(started)) = (at(run, "due_at"), at(run, "started_at")) else { continue };
        // Those that waited for others of their job are late on purpose.
        let is_plain = run["job"].as_str().is_some_and(|job| job.starts_with("tick")) && run["attempt"] == 1;
        if is_plain && (from..until).contains(&due) {
            let latest = by_job.entry(run["job"].to_string()).or_default();
            *latest = started.millis_since(due).max(*latest);
        }
    }
    let mut all: Vec<i64> = by_job.into_values().collect();
    all.sort_unstable();
    all
}

/// What came of it, in a line.
pub(crate) fn tell(what: &str, lateness: &[i64]) {
    let Some(worst) = lateness.last() else { return eprintln!("{what}: nothing was due any more") };
    let median = lateness[lateness.len() / 2];
    eprintln!("{what}: latest start of the median job {median} ms, of the worst {worst} ms");
}
