//! Lists by key, on a plain connection.

use std::sync::Arc;

use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Cursor, Error, JobFilter, Page, RunFilter};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::housekeeping::row_count;
use crate::store::failure::Failure;
use crate::store::rows::{JobRow, RunRow};
use crate::store::schema::{jobs, runs};

diesel::define_sql_function! {
    /// Where a text is within another, from 1; 0 when it is not.
    fn instr(text: diesel::sql_types::Nullable<diesel::sql_types::Text>, part: diesel::sql_types::Text)
        -> diesel::sql_types::Nullable<diesel::sql_types::Integer>;
}

/// The smallest id of a run due at `at`. Ids hold the due instant in 48 bits: what is later is due at their end.
pub(super) fn lowest_id(at: Timestamp) -> Vec<u8> {
    const LAST: Timestamp = Timestamp::from_millis((1 << 48) - 1);
    RunId::floor(at.min(LAST)).as_bytes().to_vec()
}

pub(super) fn runs(
    connection: &mut SqliteConnection,
    filter: &RunFilter,
    page: &Page<RunId>,
) -> Result<(Vec<Run>, Cursor<RunId>), Failure> {
    let mut query = matching(filter).order(runs::id.desc()).limit(row_count(page.limit.saturating_add(1)));
    if let Some(after) = page.after {
        query = query.filter(runs::id.lt(after.as_bytes().to_vec()));
    }
    let rows: Vec<RunRow> = query.load(connection)?;
    let found: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok(cut(found?, page.limit, |run| run.id))
}

/// The runs that pass the filter. The due instant is a part of the id, so that a span of time is a span of keys.
fn matching(filter: &RunFilter) -> runs::BoxedQuery<'static, Sqlite> {
    let mut query = runs::table.into_boxed();
    if let Some(job) = filter.job {
        query = query.filter(runs::job.eq(job.0));
    }
    if !filter.states.is_empty() {
        let numbers: Vec<i32> = filter.states.iter().map(|state| i32::from(state.number())).collect();
        query = query.filter(runs::state.eq_any(numbers));
    }
    if let Some(node) = &filter.node {
        query = query.filter(runs::node.eq(NodeName::as_str(node).to_owned()));
    }
    if let Some(trigger) = filter.trigger {
        query = query.filter(runs::trigger_kind.eq(i32::from(trigger.number())));
    }
    if let Some(from) = filter.from {
        query = query.filter(runs::id.ge(lowest_id(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(runs::id.lt(lowest_id(until)));
    }
    query
}

pub(super) fn jobs(
    connection: &mut SqliteConnection,
    filter: &JobFilter,
    page: &Page<String>,
    now: Timestamp,
) -> Result<(Vec<Arc<Job>>, Cursor<String>), Failure> {
    let mut query = jobs::table.select(JobRow::as_select()).filter(jobs::name.is_not_null()).into_boxed();
    if let Some(after) = &page.after {
        query = query.filter(jobs::name.gt(after));
    }
    if let Some(text) = filter.name.as_ref().filter(|text| !text.is_empty()) {
        query = query.filter(instr(jobs::name, text).gt(0));
    }
    if let Some(group) = &filter.group {
        query = query.filter(jobs::target_group.eq(group));
    }
    let millis = now.millis();
    query = match filter.active {
        Some(true) => {
            query.filter(jobs::enabled).filter(jobs::paused_until.is_null().or(jobs::paused_until.le(millis)))
        }
        Some(false) => query.filter(jobs::enabled.eq(false).or(jobs::paused_until.gt(millis))),
        None => query,
    };
    let rows = query.order(jobs::name).limit(row_count(page.limit.saturating_add(1))).load::<JobRow>(connection)?;
    let found: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(Arc::<Job>::try_from).collect();
    Ok(cut(found?, page.limit, |job| job.definition.name.as_str().to_owned()))
}

pub(super) fn count_runs(
    connection: &mut SqliteConnection,
    job: Option<JobId>,
    from: Timestamp,
) -> Result<Vec<(State, u64)>, Failure> {
    let counted = runs::table.group_by(runs::state).select((runs::state, count_star())).order(runs::state);
    let mut query = counted.filter(runs::id.ge(lowest_id(from))).into_boxed();
    if let Some(job) = job {
        query = query.filter(runs::job.eq(job.0));
    }
    let counts: Vec<(i32, i64)> = query.load(connection)?;
    let known = |(number, count): (i32, i64)| {
        let state = u8::try_from(number).ok().and_then(State::from_number);
        let state = state.ok_or_else(|| Error::Damaged { what: format!("runs.state: {number}") })?;
        Ok((state, u64::try_from(count).unwrap_or(0)))
    };
    counts.into_iter().map(known).collect()
}

/// The first `limit` items, and the key of the last of them when there are more.
fn cut<T, K>(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> (Vec<T>, Cursor<K>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let cursor = items.last().filter(|_| more).map(key);
    (items, cursor)
}
