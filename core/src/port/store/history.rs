//! What people ask of the truth: lists by key, never by offset.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::error::Result;
use crate::id::{JobId, NodeName, RunId};
use crate::job::{Job, Mark};
use crate::run::{Run, State, Trigger};
use crate::time::Timestamp;

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<K> {
    /// The key of the last item seen; absent for the first page.
    pub after: Option<K>,
    /// At most this many.
    pub limit: usize,
}

/// Where the next page starts; absent when there is none.
pub type Cursor<K> = Option<K>;

/// Which runs. What is absent does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this job.
    pub job: Option<JobId>,
    /// In one of these states; empty means any.
    pub states: Vec<State>,
    /// On this node.
    pub node: Option<NodeName>,
    /// For this reason.
    pub trigger: Option<Trigger>,
    /// Due at or after.
    pub from: Option<Timestamp>,
    /// Due before.
    pub until: Option<Timestamp>,
}

/// Which jobs. What is absent does not restrict. Deleted jobs are never listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Whose name contains this text.
    pub name: Option<String>,
    /// Enabled and not paused, or not.
    pub active: Option<bool>,
    /// Whose target is this group.
    pub group: Option<String>,
    /// With this mark.
    pub mark: Option<Mark>,
}

impl JobFilter {
    /// The mark that all these jobs have; absent when there is none.
    #[must_use]
    pub fn lookup(&self) -> Option<Mark> {
        let group = || self.group.clone().map(Mark::Group);
        let inactive = || (self.active == Some(false)).then_some(Mark::Inactive);
        self.mark.clone().or_else(group).or_else(inactive)
    }
}

/// What became of the runs that were due within a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many are in each state, by state. States with none are left out.
    pub states: Vec<(State, u64)>,
    /// How many of them started too late.
    pub late: u64,
}

/// Lists and look-ups.
#[async_trait]
pub trait History: Send + Sync + Debug {
    /// One run.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn run(&self, id: RunId) -> Result<Option<Run>>;

    /// Runs, newest due instant first (by id, descending), and where the next page starts. Where
    /// [`RunFilter::is_search`] says so, all runs of the filter's span of time may have to be read for it.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn runs(&self, filter: &RunFilter, page: &Page<RunId>) -> Result<(Vec<Run>, Cursor<RunId>)>;

    /// Jobs by name, ascending, and where the next page starts. Where [`JobFilter::lookup`] finds a mark, a page may be
    /// shorter than its limit, even empty, with a next one: those with the mark that the rest of the filter keeps out.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> Result<(Vec<Arc<Job>>, Cursor<String>)>;

    /// How many runs due at or after `from` are in each state. States with none are left out.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Result<Vec<(State, u64)>>;

    /// The runs due at or after `from` and before `until`, counted; those are late that started more than `late_after`
    /// behind the moment from which they might. Reads that span of keys, and nothing else.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Result<Tally>;
}
