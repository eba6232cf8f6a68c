//! What the database says in the end, and the result that follows from it.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cronbus_core::port::Store;
use cronbus_core::port::store::{Creation, Page, RunFilter};
use cronbus_core::run::{Run, State};
use serde::Serialize;

use super::arguments::Mode;
use super::plan::Plan;
use crate::report;

#[derive(Debug, Serialize)]
pub(super) struct Result {
    mode: &'static str,
    runs: usize,
    lookahead_ms: u64,
    seconds: f64,
    runs_per_s: f64,
    store_insert_per_s: f64,
    ratio: f64,
    lateness_p50_ms: i64,
    lateness_p99_ms: i64,
    lateness_max_ms: i64,
    rss_bytes: u64,
    /// Slots without a row.
    lost: usize,
    /// Rows beyond one for each slot.
    doubled: usize,
    /// Slots that were answered otherwise than by a run that succeeded, such as `missed` by the misfire policy.
    unsuccessful: usize,
}

impl Result {
    /// The same, measured with this lookahead.
    pub(super) fn with_lookahead(self, lookahead_ms: u64) -> Self {
        Self { lookahead_ms, ..self }
    }

    /// The same beside the bare rate of inserting the same rows.
    pub(super) fn beside(self, bare: f64) -> Self {
        let ratio = (self.runs_per_s / bare.max(1.0) * 1e4).round() / 1e4;
        Self { store_insert_per_s: bare, ratio, ..self }
    }
}

/// Every row of the plan.
pub(super) async fn read_all(store: &dyn Store, plan: &Plan) -> anyhow::Result<Vec<Run>> {
    let filter =
        RunFilter { from: Some(plan.first), until: Some(plan.last + Duration::from_millis(1)), ..RunFilter::default() };
    let mut rows = Vec::with_capacity(plan.slots);
    let mut after = None;
    loop {
        let (page, next) = store.runs(&filter, &Page { after, limit: 20_000 }).await?;
        rows.extend(page);
        match next {
            Some(next) => after = Some(next),
            None => return Ok(rows),
        }
    }
}

/// How fast the same rows can be inserted into a fresh store, ten thousand at a time.
pub(super) async fn bare_insert_rate(store: &dyn Store, rows: &[Run]) -> anyhow::Result<f64> {
    let waiting = |run: &Run| Run::new(run.id, run.job, run.revision, run.due_at, run.created_at);
    let batches: Vec<Creation> = rows
        .iter()
        .rev()
        .map(waiting)
        .collect::<Vec<_>>()
        .chunks(10_000)
        .map(|runs| Creation { runs: runs.to_vec(), ..Creation::default() })
        .collect();
    let started = Instant::now();
    for batch in &batches {
        store.create(batch).await?;
    }
    Ok(report::rate(rows.len(), started.elapsed().as_secs_f64()))
}

/// What follows from the rows: `seconds` after the first slot the last outcome was durable.
pub(super) fn sum_up(mode: Mode, plan: &Plan, rows: &[Run], seconds: f64, rss_bytes: u64) -> Result {
    let slots: HashSet<_> = rows.iter().map(|run| (run.job, run.due_at)).collect();
    let succeeded = rows.iter().filter(|run| run.state == State::Succeeded).count();
    let mut lateness: Vec<i64> = rows.iter().filter_map(Run::lateness_ms).collect();
    lateness.sort_unstable();
    let runs_per_s = report::rate(succeeded, seconds);
    Result {
        mode: mode.name(),
        runs: succeeded,
        lookahead_ms: 0,
        seconds,
        runs_per_s,
        store_insert_per_s: 0.0,
        ratio: 0.0,
        lateness_p50_ms: report::percentile(&lateness, 50),
        lateness_p99_ms: report::percentile(&lateness, 99),
        lateness_max_ms: lateness.last().copied().unwrap_or(0),
        rss_bytes,
        lost: plan.slots.saturating_sub(slots.len()),
        doubled: rows.len() - slots.len(),
        unsuccessful: rows.len() - succeeded,
    }
}
