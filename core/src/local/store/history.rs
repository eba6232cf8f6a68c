//! Filters and pages in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::tables::Tables;
use crate::id::{JobId, RunId};
use crate::job::target::Nodes;
use crate::job::{Job, Mark};
use crate::port::store::{Cursor, JobFilter, Page, RunFilter, Tally};
use crate::run::{Run, State};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn list_runs(&self, filter: &RunFilter, page: &Page<RunId>) -> (Vec<Run>, Cursor<RunId>) {
        let older = (Bound::Unbounded, page.after.map_or(Bound::Unbounded, Bound::Excluded));
        let fitting = self.runs.range(older).rev().map(|(_, run)| run).filter(|run| fits(filter, run));
        cut(fitting.cloned(), page.limit, |run| run.id)
    }

    pub(super) fn list_jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> (Vec<Arc<Job>>, Cursor<String>) {
        let after = page.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let jobs = self.names.range::<str, _>((after, Bound::Unbounded)).filter_map(|(_, id)| self.job(*id));
        let fitting = jobs.filter(|job| fits_job(filter, job, now)).cloned();
        cut(fitting, page.limit, |job| job.definition.name.as_str().to_owned())
    }

    pub(super) fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Vec<(State, u64)> {
        let mut counts: BTreeMap<State, u64> = BTreeMap::new();
        let wanted = |run: &&Run| run.due_at >= from && job.is_none_or(|job| job == run.job);
        for run in self.runs.values().filter(wanted) {
            let count = counts.entry(run.state).or_default();
            *count = count.saturating_add(1);
        }
        counts.into_iter().collect()
    }

    pub(super) fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Tally {
        let late_ms = i64::try_from(late_after.as_millis()).unwrap_or(i64::MAX);
        let (mut counts, mut late): (BTreeMap<State, u64>, u64) = (BTreeMap::new(), 0);
        for run in self.runs.values().filter(|run| from <= run.due_at && run.due_at < until) {
            let count = counts.entry(run.state).or_default();
            *count = count.saturating_add(1);
            late = late.saturating_add(u64::from(run.lateness_ms().is_some_and(|by| by > late_ms)));
        }
        Tally { states: counts.into_iter().collect(), late }
    }
}

fn fits(filter: &RunFilter, run: &Run) -> bool {
    filter.job.is_none_or(|job| job == run.job)
        && (filter.states.is_empty() || filter.states.contains(&run.state))
        && filter.node.as_ref().is_none_or(|node| Some(node) == run.node.as_ref())
        && filter.trigger.is_none_or(|trigger| trigger == run.trigger)
        && filter.from.is_none_or(|from| from <= run.due_at)
        && filter.until.is_none_or(|until| run.due_at < until)
}

fn fits_job(filter: &JobFilter, job: &Job, now: Timestamp) -> bool {
    let in_group = |group: &String| matches!(&job.definition.target.nodes, Nodes::Group(of) if of == group);
    filter.name.as_ref().is_none_or(|text| job.definition.name.as_str().contains(text))
        && filter.active.is_none_or(|active| active == job.is_active(now))
        && filter.group.as_ref().is_none_or(in_group)
        && filter.mark.as_ref().is_none_or(|mark| Mark::of(job).contains(mark))
}

/// The first `limit` items, and the key of the last of them when there are more.
fn cut<T, K>(items: impl Iterator<Item = T>, limit: usize, key: impl Fn(&T) -> K) -> (Vec<T>, Cursor<K>) {
    let mut page: Vec<T> = items.take(limit.saturating_add(1)).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let cursor = page.last().filter(|_| more).map(key);
    (page, cursor)
}
