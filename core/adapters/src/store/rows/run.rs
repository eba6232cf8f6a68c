//! Rows of `runs`.

use std::sync::Arc;

use cronbus_core::id::{Attempt, JobId, NodeName, Revision, RunId, Shard};
use cronbus_core::port::store::Error;
use cronbus_core::run::{Output, Run, State, Trigger, Usage};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;

use super::job::to_document;
use crate::store::schema::runs;

/// The columns of a run that waits for its moment; the defaults of the others say the same as [`Run::new`].
#[derive(Insertable)]
#[diesel(table_name = runs, treat_none_as_default_value = false)]
pub(in crate::store) struct WaitingRun<'r> {
    pub(in crate::store) id: &'r [u8],
    pub(in crate::store) job: i64,
    pub(in crate::store) partition_number: i32,
    pub(in crate::store) revision: i32,
    pub(in crate::store) due_at: i64,
    pub(in crate::store) created_at: i64,
}

impl<'r> WaitingRun<'r> {
    /// The row, if all that it does not name has its default.
    pub(in crate::store) fn of(run: &'r Run) -> Option<Self> {
        (run.state == State::Created && *run == blank(run)).then(|| Self::part(run))
    }

    fn part(run: &'r Run) -> Self {
        Self {
            id: run.id.as_bytes(),
            job: run.job.0,
            partition_number: i32::from(run.job.partition().0),
            revision: run.revision.0,
            due_at: run.due_at.millis(),
            created_at: run.created_at.millis(),
        }
    }
}

/// The run before anything happened to it.
fn blank(run: &Run) -> Run {
    Run::new(run.id, run.job, run.revision, run.due_at, run.created_at)
}

/// The columns of a run that waits for its moment at a node.
pub(in crate::store) struct AssignedRun<'r> {
    pub(in crate::store) waiting: WaitingRun<'r>,
    pub(in crate::store) state: i32,
    pub(in crate::store) node: &'r str,
}

impl<'r> AssignedRun<'r> {
    /// The row, if all that it does not name has its default.
    fn of(run: &'r Run) -> Option<Self> {
        let node = run.node.as_ref().filter(|_| run.state == State::Assigned)?;
        let is_plain = *run == Run { state: run.state, node: Some(node.clone()), ..blank(run) };
        let state = i32::from(run.state.number());
        is_plain.then(|| Self { waiting: WaitingRun::part(run), state, node: node.as_str() })
    }
}

/// Rows to be added, by how many of their columns have to be said.
#[derive(Default)]
pub(in crate::store) struct NewRuns<'r> {
    pub(in crate::store) waiting: Vec<WaitingRun<'r>>,
    pub(in crate::store) assigned: Vec<AssignedRun<'r>>,
    pub(in crate::store) full: Vec<FullRun<'r>>,
}

impl<'r> NewRuns<'r> {
    pub(in crate::store) fn of(runs: &[&'r Run]) -> Self {
        let mut rows = Self::default();
        for run in runs {
            if let Some(row) = WaitingRun::of(run) {
                rows.waiting.push(row);
            } else if let Some(row) = AssignedRun::of(run) {
                rows.assigned.push(row);
            } else {
                rows.full.push(FullRun::from(*run));
            }
        }
        rows
    }
}

/// All columns of a run.
#[derive(Insertable)]
#[diesel(table_name = runs, treat_none_as_default_value = false)]
pub(in crate::store) struct FullRun<'r> {
    #[diesel(embed)]
    pub(in crate::store) waiting: WaitingRun<'r>,
    #[diesel(embed)]
    pub(in crate::store) moved: MovedRun<'r>,
    pub(in crate::store) trigger_kind: i32,
    pub(in crate::store) attempt: i64,
    pub(in crate::store) shard: i64,
    pub(in crate::store) params: Option<String>,
}

impl<'r> From<&'r Run> for FullRun<'r> {
    fn from(run: &'r Run) -> Self {
        Self {
            waiting: WaitingRun::part(run),
            moved: MovedRun::from(run),
            trigger_kind: i32::from(run.trigger.number()),
            attempt: i64::from(run.attempt.0),
            shard: i64::from(run.shard.0),
            params: run.params.as_deref().map(to_document),
        }
    }
}

/// The columns that move in a run's life.
#[derive(Insertable)]
#[diesel(table_name = runs, treat_none_as_default_value = false)]
pub(in crate::store) struct MovedRun<'r> {
    pub(in crate::store) state: i32,
    pub(in crate::store) node: Option<&'r str>,
    pub(in crate::store) started_at: Option<i64>,
    pub(in crate::store) ended_at: Option<i64>,
    pub(in crate::store) exit_code: Option<i32>,
    pub(in crate::store) exit_signal: Option<i32>,
    pub(in crate::store) reason: Option<&'r str>,
    pub(in crate::store) healthy: bool,
    pub(in crate::store) not_before: Option<i64>,
    pub(in crate::store) user_ms: Option<i64>,
    pub(in crate::store) system_ms: Option<i64>,
    pub(in crate::store) max_rss_bytes: Option<i64>,
    pub(in crate::store) output_bytes: i64,
    pub(in crate::store) output_truncated: bool,
}

impl<'r> From<&'r Run> for MovedRun<'r> {
    fn from(run: &'r Run) -> Self {
        Self {
            state: i32::from(run.state.number()),
            node: run.node.as_ref().map(NodeName::as_str),
            started_at: run.started_at.map(Timestamp::millis),
            ended_at: run.ended_at.map(Timestamp::millis),
            exit_code: run.exit_code,
            exit_signal: run.signal,
            reason: Some(run.reason.as_str()).filter(|reason| !reason.is_empty()),
            healthy: run.healthy,
            not_before: Some(run.not_before).filter(|at| *at != run.due_at).map(Timestamp::millis),
            user_ms: run.usage.map(|usage| signed(usage.user_ms)),
            system_ms: run.usage.map(|usage| signed(usage.system_ms)),
            max_rss_bytes: run.usage.map(|usage| signed(usage.max_rss_bytes)),
            output_bytes: signed(run.output.bytes),
            output_truncated: run.output.truncated,
        }
    }
}

/// A row of `runs` as it is read.
#[derive(Queryable, QueryableByName)]
#[diesel(table_name = runs)]
pub(in crate::store) struct RunRow {
    id: Vec<u8>,
    job: i64,
    /// Derived from `job`; kept for those who ask in SQL.
    #[expect(dead_code, reason = "read with its row, but the job says it already")]
    partition_number: i32,
    revision: i32,
    due_at: i64,
    created_at: i64,
    state: i32,
    node: Option<String>,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    exit_code: Option<i32>,
    exit_signal: Option<i32>,
    reason: Option<String>,
    healthy: bool,
    trigger_kind: i32,
    attempt: i64,
    shard: i64,
    not_before: Option<i64>,
    params: Option<String>,
    user_ms: Option<i64>,
    system_ms: Option<i64>,
    max_rss_bytes: Option<i64>,
    output_bytes: i64,
    output_truncated: bool,
    note: Option<String>,
}

impl TryFrom<RunRow> for Run {
    type Error = Error;
    fn try_from(row: RunRow) -> Result<Self, Error> {
        let id = row.id.as_slice().try_into().map(RunId::from_bytes).map_err(|_| unreadable("id", &row.id))?;
        let due_at = Timestamp::from_millis(row.due_at);
        let new = Self::new(id, JobId(row.job), Revision(row.revision), due_at, Timestamp::from_millis(row.created_at));
        Ok(Self {
            not_before: row.not_before.map_or(due_at, Timestamp::from_millis),
            state: state(row.state)?,
            healthy: row.healthy,
            trigger: trigger(row.trigger_kind)?,
            attempt: Attempt(count("attempt", row.attempt)?),
            shard: Shard(count("shard", row.shard)?),
            params: row.params.map(|text| params(&text)).transpose()?,
            node: row.node.map(|text| NodeName::new(&text).map_err(|_| unreadable("node", &text))).transpose()?,
            started_at: row.started_at.map(Timestamp::from_millis),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            exit_code: row.exit_code,
            signal: row.exit_signal,
            reason: row.reason.unwrap_or_default(),
            usage: row.user_ms.map(|user_ms| Usage {
                user_ms: unsigned(user_ms),
                system_ms: unsigned(row.system_ms.unwrap_or(0)),
                max_rss_bytes: unsigned(row.max_rss_bytes.unwrap_or(0)),
            }),
            output: Output { bytes: unsigned(row.output_bytes), truncated: row.output_truncated },
            note: row.note.unwrap_or_default(),
            ..new
        })
    }
}

fn state(number: i32) -> Result<State, Error> {
    u8::try_from(number).ok().and_then(State::from_number).ok_or_else(|| unreadable("state", &number))
}

fn trigger(number: i32) -> Result<Trigger, Error> {
    u8::try_from(number).ok().and_then(Trigger::from_number).ok_or_else(|| unreadable("trigger_kind", &number))
}

fn count(column: &str, number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| unreadable(column, &number))
}

fn params(text: &str) -> Result<Arc<cronbus_core::job::Params>, Error> {
    serde_json::from_str(text).map(Arc::new).map_err(|error| unreadable("params", &error.to_string()))
}

fn unreadable(column: &str, value: &impl std::fmt::Debug) -> Error {
    Error::Damaged { what: format!("runs.{column}: {value:?}") }
}

/// SQL has no unsigned numbers; what does not fit is kept as the largest that does.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
