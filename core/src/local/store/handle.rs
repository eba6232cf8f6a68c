//! The handle on the store in memory and the traits of the port. It only locks and delegates.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::tables::Tables;
use crate::id::{Epoch, JobId, NodeName, Partition, RunId};
use crate::job::Job;
use crate::port::store::{
    Change, ChangeSequence, Claim, Created, Creation, Cursor, History, JobFilter, JobRetention, Jobs, Note, Page,
    Pruned, PrunedJobs, Recorded, Recording, Result, Retention, RunFilter, Runs, Submission, Submitted, Tally, Write,
};
use crate::run::{Run, State};
use crate::time::Timestamp;

/// A store that lives as long as its handles. Clones share the rows.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Jobs for MemoryStore {
    async fn write_jobs(&self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>> {
        Ok(self.tables().write_jobs(writes, by, at)?.into_iter().map(|(_, job)| job).collect())
    }

    async fn job_changes(&self, after: ChangeSequence, limit: usize) -> Result<Vec<Change>> {
        Ok(self.tables().job_changes(after, limit))
    }

    async fn job(&self, id: JobId) -> Result<Option<Arc<Job>>> {
        Ok(self.tables().job(id).cloned())
    }

    async fn job_by_name(&self, name: &str) -> Result<Option<Arc<Job>>> {
        Ok(self.tables().job_by_name(name).cloned())
    }

    async fn deleted_job(&self, name: &str) -> Result<Option<Arc<Job>>> {
        Ok(self.tables().deleted_job(name).cloned())
    }

    async fn revisions(&self, job: JobId, limit: usize) -> Result<Vec<Arc<Job>>> {
        Ok(self.tables().revisions(job, limit))
    }

    async fn prune_revisions(&self, keep: u32, page: &Page<JobId>) -> Result<(usize, Cursor<JobId>)> {
        Ok(self.tables().prune_revisions(keep, page))
    }

    async fn prune_jobs(&self, retention: JobRetention) -> Result<PrunedJobs> {
        self.tables().prune_jobs(retention)
    }
}

#[async_trait]
impl Runs for MemoryStore {
    async fn claim_partitions(
        &self,
        partitions: &[Partition],
        owner: &NodeName,
        at_least: Epoch,
    ) -> Result<Vec<Claim>> {
        Ok(self.tables().claim(partitions, owner, at_least))
    }

    async fn create(&self, creation: &Creation) -> Result<Created> {
        self.tables().create(creation)
    }

    async fn record(&self, recording: &Recording) -> Result<Recorded> {
        self.tables().record(recording)
    }

    async fn note(&self, notes: &[Note]) -> Result<()> {
        self.tables().note(notes);
        Ok(())
    }

    async fn submit(&self, submission: &Submission) -> Result<Submitted> {
        self.tables().submit(submission)
    }

    async fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Result<Vec<Run>> {
        Ok(self.tables().unfinished(partitions, after, limit))
    }

    async fn find(&self, runs: &[RunId]) -> Result<Vec<Run>> {
        let tables = self.tables();
        Ok(runs.iter().filter_map(|run| tables.runs.get(run)).cloned().collect())
    }

    async fn executing(&self, among: usize) -> Result<BTreeMap<NodeName, u32>> {
        Ok(self.tables().executing(among))
    }

    async fn prune(&self, retention: Retention) -> Result<Pruned> {
        Ok(self.tables().prune(retention))
    }
}

#[async_trait]
impl History for MemoryStore {
    async fn run(&self, id: RunId) -> Result<Option<Run>> {
        Ok(self.tables().runs.get(&id).cloned())
    }

    async fn runs(&self, filter: &RunFilter, page: &Page<RunId>) -> Result<(Vec<Run>, Cursor<RunId>)> {
        Ok(self.tables().list_runs(filter, page))
    }

    async fn jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> Result<(Vec<Arc<Job>>, Cursor<String>)> {
        Ok(self.tables().list_jobs(filter, page, now))
    }

    async fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Result<Vec<(State, u64)>> {
        Ok(self.tables().count_runs(job, from))
    }

    async fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Result<Tally> {
        Ok(self.tables().tally(from, until, late_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::store_suite!(|| (MemoryStore::new(), ()));
}
