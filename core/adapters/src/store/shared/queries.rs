//! Lists as queries: the same for every backend, executed by each in its own way.
//!
//! This file is compiled once for each backend, which says what `Backend`, `instr` and `UNFINISHED` are.

use std::ops::Range;
use std::time::Duration;

use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::{self, JobName};
use cronbus_core::port::store::{Cursor, Error, JobFilter, JobRetention, Page, RunFilter};
use cronbus_core::run::{Mark, State};
use cronbus_core::time::Timestamp;
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{Binary, Text};

use super::{Backend, THIRD, UNFINISHED, UNFINISHED_KEY, instr};
use crate::store::rows::to_document;
use crate::store::schema::{job_marks, job_revisions, jobs, run_marks, runs};

/// A limit as SQL counts.
pub(super) fn row_count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// One more than the limit: whether there are more is known then.
fn one_more(limit: usize) -> i64 {
    row_count(limit.saturating_add(1))
}

/// The smallest id of a run due at `at`. Ids hold the due instant in 48 bits: what is later is due at their end.
pub(super) fn lowest_id(at: Timestamp) -> Vec<u8> {
    const LAST: Timestamp = Timestamp::from_millis((1 << 48) - 1);
    RunId::floor(at.min(LAST)).as_bytes().to_vec()
}

/// A page of runs, newest first. The due instant is a part of the id, so that a span of time is a span of keys.
pub(super) fn runs_page(filter: &RunFilter, page: &Page<RunId>) -> runs::BoxedQuery<'static, Backend> {
    let mut query = runs::table.order(runs::id.desc()).limit(one_more(page.limit)).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(runs::id.lt(after.as_bytes().to_vec()));
    }
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

/// A page of the runs that are not over, newest first.
pub(super) fn unfinished_page(filter: &RunFilter, page: &Page<RunId>) -> BoxedSqlQuery<'static, Backend, SqlQuery> {
    let states: Vec<String> = filter.states.iter().map(|state| state.number().to_string()).collect();
    let mut text = format!("SELECT runs.* FROM {UNFINISHED} AND runs.state IN ({})", states.join(","));
    if let Some(job) = filter.job {
        text.push_str(&format!(" AND runs.job = {}", job.0));
    }
    if let Some(trigger) = filter.trigger {
        text.push_str(&format!(" AND runs.trigger_kind = {}", trigger.number()));
    }
    if filter.node.is_some() {
        text.push_str(&format!(" AND runs.node = {THIRD}"));
    }
    text.push_str(&format!(" ORDER BY {UNFINISHED_KEY} DESC LIMIT {}", one_more(page.limit)));
    let span = span(filter, page);
    let query = sql_query(text).into_boxed().bind::<Binary, _>(span.end).bind::<Binary, _>(span.start);
    match &filter.node {
        Some(node) => query.bind::<Text, _>(node.as_str().to_owned()),
        None => query,
    }
}

/// The keys of a page.
fn span(filter: &RunFilter, page: &Page<RunId>) -> Range<Vec<u8>> {
    let after = page.after.map_or(vec![u8::MAX; 16], |after| after.as_bytes().to_vec());
    let end = filter.until.map_or(after.clone(), |until| lowest_id(until).min(after));
    filter.from.map_or_else(Vec::new, lowest_id)..end
}

/// The keys of a page of runs with a mark, newest first.
pub(super) fn marks_page(mark: Mark, filter: &RunFilter, page: &Page<RunId>) -> Keys {
    let Range { start, end } = span(filter, page);
    let listed = run_marks::table.select(run_marks::run).into_boxed();
    let listed = listed.filter(run_marks::mark.eq(i32::from(mark.number())));
    let listed = listed.filter(run_marks::run.ge(start)).filter(run_marks::run.lt(end));
    let listed = match filter.job {
        Some(job) => listed.filter(run_marks::job.eq(job.0)),
        None => listed,
    };
    listed.order(run_marks::run.desc()).limit(one_more(page.limit))
}

/// Keys of runs, boxed.
pub(super) type Keys = diesel::dsl::IntoBoxed<'static, diesel::dsl::Select<run_marks::table, run_marks::run>, Backend>;

/// The newest of these keys, and the last of them when there are more.
pub(super) fn newest(mut keys: Vec<Vec<u8>>, limit: usize) -> Result<(Vec<Vec<u8>>, Cursor<RunId>), Error> {
    keys.sort_unstable_by(|a, b| b.cmp(a));
    keys.dedup();
    let (keys, last) = cut(keys, limit, Clone::clone);
    let damaged = |_| Error::Damaged { what: "run_marks.run: not 16 bytes".to_owned() };
    let last = last.map(|last| last.as_slice().try_into().map(RunId::from_bytes).map_err(damaged)).transpose()?;
    Ok((keys, last))
}

/// Those of the runs that have marks.
pub(super) fn with_marks(keys: &[Vec<u8>]) -> runs::BoxedQuery<'static, Backend> {
    let marked = runs::state.gt(i32::from(State::Succeeded.number())).or(runs::trigger_kind.gt(0));
    runs::table.filter(runs::id.eq_any(keys.to_vec())).filter(marked).into_boxed()
}

/// A page of jobs that are not deleted, by name.
pub(super) fn jobs_page(filter: &JobFilter, page: &Page<String>, now: Timestamp) -> jobs::BoxedQuery<'static, Backend> {
    let mut query = jobs::table.filter(jobs::name.is_not_null()).order(jobs::name).into_boxed();
    if let Some(after) = &page.after {
        query = query.filter(jobs::name.gt(after.clone()));
    }
    if let Some(text) = filter.name.as_ref().filter(|text| !text.is_empty()) {
        query = query.filter(instr(jobs::name, text.clone()).gt(0));
    }
    if let Some(group) = &filter.group {
        query = query.filter(jobs::target_group.eq(group.clone()));
    }
    let millis = now.millis();
    query = match filter.active {
        Some(true) => {
            query.filter(jobs::enabled.eq(true)).filter(jobs::paused_until.is_null().or(jobs::paused_until.le(millis)))
        }
        Some(false) => query.filter(jobs::enabled.eq(false).or(jobs::paused_until.gt(millis))),
        None => query,
    };
    query.limit(one_more(page.limit))
}

/// The names of a page of jobs with a mark.
pub(super) fn names_page(mark: &job::Mark, page: &Page<String>) -> Names {
    let listed = job_marks::table.select(job_marks::name).into_boxed();
    let listed = listed.filter(job_marks::mark.eq(mark.to_string())).order(job_marks::name);
    let listed = match &page.after {
        Some(after) => listed.filter(job_marks::name.gt(after.clone())),
        None => listed,
    };
    listed.limit(one_more(page.limit))
}

/// Names of jobs, boxed.
pub(super) type Names =
    diesel::dsl::IntoBoxed<'static, diesel::dsl::Select<job_marks::table, job_marks::name>, Backend>;

/// Of the deleted jobs that had this name, the one that was deleted last. Their names are in their definitions alone,
/// which begin with them; they are found in the index of names, since they have none there.
pub(super) fn deleted_job(name: &str) -> jobs::BoxedQuery<'static, Backend> {
    let begins = format!("{{\"name\":{},", to_document(name));
    let gone = jobs::table.filter(jobs::name.is_null()).filter(jobs::deleted.eq(true)).into_boxed();
    gone.filter(instr(jobs::definition.nullable(), begins).eq(1)).order(jobs::change_sequence.desc()).limit(1)
}

/// The jobs with more revisions than the newest `keep`, by id: which, and at which revision they are.
pub(super) fn with_surplus(keep: i32, page: &Page<JobId>) -> jobs::BoxedQuery<'static, Backend> {
    let surplus = job_revisions::table
        .filter(job_revisions::job.eq(jobs::id))
        .filter(job_revisions::revision.le(jobs::revision - keep));
    let query = jobs::table.filter(jobs::revision.gt(keep)).filter(exists(surplus)).into_boxed();
    let query = query.filter(jobs::id.gt(page.after.map_or(i64::MIN, |after| after.0)));
    query.order(jobs::id).limit(one_more(page.limit))
}

/// Jobs without runs, of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// Made of submissions.
    AdHoc,
    /// Deleted.
    Deleted,
}

/// Those that were changed last before retention says, by id; one more than its limit. Both kinds are found in the
/// index of names, which are compared by their bytes; a deleted job has none.
pub(super) fn idle(kind: Idle, retention: JobRetention) -> jobs::BoxedQuery<'static, Backend> {
    let without_runs = not(exists(runs::table.filter(runs::job.eq(jobs::id))));
    let old = jobs::table.filter(without_runs).filter(jobs::updated_at.lt(retention.before.millis())).into_boxed();
    let of_kind = match kind {
        // `0` is the character after `/`.
        Idle::AdHoc => old.filter(jobs::name.ge(JobName::AD_HOC)).filter(jobs::name.lt(after_ad_hoc())),
        Idle::Deleted => old.filter(jobs::name.is_null()).filter(jobs::deleted.eq(true)),
    };
    of_kind.order(jobs::id).limit(one_more(retention.limit))
}

fn after_ad_hoc() -> String {
    JobName::AD_HOC.replace('/', "0")
}

/// A count of rows by state, boxed.
pub(super) type Counts = diesel::dsl::IntoBoxed<
    'static,
    diesel::dsl::Order<
        diesel::dsl::Select<diesel::dsl::GroupBy<runs::table, runs::state>, (runs::state, count_star)>,
        runs::state,
    >,
    Backend,
>;

/// How many runs due at or after `from` are in each state.
pub(super) fn counts(job: Option<JobId>, from: Timestamp) -> Counts {
    let counted = runs::table.group_by(runs::state).select((runs::state, count_star())).order(runs::state).into_boxed();
    let counted = counted.filter(runs::id.ge(lowest_id(from)));
    match job {
        Some(job) => counted.filter(runs::job.eq(job.0)),
        None => counted,
    }
}

/// How many runs due at or after `from` and before `until` are in each state.
pub(super) fn counts_between(from: Timestamp, until: Timestamp) -> Counts {
    counts(None, from).filter(runs::id.lt(lowest_id(until)))
}

/// A count of rows, boxed.
pub(super) type Count = diesel::dsl::IntoBoxed<'static, diesel::dsl::Select<runs::table, count_star>, Backend>;

/// How many of those started more than `late_after` behind the moment from which they might.
pub(super) fn late_between(from: Timestamp, until: Timestamp, late_after: Duration) -> Count {
    let late_ms = i64::try_from(late_after.as_millis()).unwrap_or(i64::MAX);
    let usual = runs::not_before.is_null().and((runs::started_at - runs::due_at.nullable()).gt(late_ms));
    let put_off = (runs::started_at - runs::not_before).gt(late_ms);
    let within = runs::table.select(count_star()).into_boxed();
    within.filter(runs::id.ge(lowest_id(from))).filter(runs::id.lt(lowest_id(until))).filter(usual.or(put_off))
}

/// What [`counts`] gives, in the vocabulary of the core.
pub(super) fn counted((number, count): (i32, i64)) -> Result<(State, u64), Error> {
    let state = u8::try_from(number).ok().and_then(State::from_number);
    let state = state.ok_or_else(|| Error::Damaged { what: format!("runs.state: {number}") })?;
    Ok((state, u64::try_from(count).unwrap_or(0)))
}

/// The first `limit` items, and the key of the last of them when there are more.
pub(super) fn cut<T, K>(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> (Vec<T>, Cursor<K>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let cursor = items.last().filter(|_| more).map(key);
    (items, cursor)
}
