//! The store: slow, refusing, and unsure whether it committed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::{Epoch, JobId, NodeName, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::Clock;
use cronbus_core::port::store::{
    Change, ChangeSequence, Claim, Created, Creation, Cursor, Error, History, JobFilter, JobRetention, Jobs, Note,
    Page, Pruned, PrunedJobs, Recorded, Recording, Result, Retention, RunFilter, Runs, Submission, Submitted, Tally,
    Write,
};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::Way;
use crate::ledger::Ledger;
use crate::plan::Fault;

#[derive(Debug)]
pub(crate) struct Frail(pub(crate) Way);

fn unavailable() -> Error {
    Error::Unavailable { what: "do something", reason: "simulated".to_owned() }
}

impl Frail {
    pub(super) fn ledger(&self) -> &Ledger {
        &self.0.world.ledger
    }

    /// Does something in the store, unless it fails before, and says so, unless it fails after.
    async fn attempt<T>(&self, act: impl FnOnce(&Ledger) -> Result<T>) -> Result<T> {
        let Way { world, life, .. } = &self.0;
        life.pass().await;
        if world.strikes(Fault::StoreSlow) {
            world.clock.sleep(world.chance.millis(1..4_000)).await;
            life.pass().await;
        }
        if world.is_away("store") || world.strikes(Fault::StoreRefuses) {
            return Err(unavailable());
        }
        let done = act(self.ledger());
        let says_so = !world.strikes(Fault::StoreAmbiguous);
        life.pass().await;
        if says_so { done } else { Err(unavailable()) }
    }

    /// Asks the store something.
    pub(super) async fn look(&self) -> Result<()> {
        self.attempt(|_| Ok(())).await
    }
}

#[async_trait]
impl Jobs for Frail {
    async fn write_jobs(&self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>> {
        self.attempt(|ledger| ledger.write_jobs(&self.0.world, writes, by, at)).await
    }

    async fn job_changes(&self, after: ChangeSequence, limit: usize) -> Result<Vec<Change>> {
        self.look().await?;
        self.ledger().store.job_changes(after, limit).await
    }

    async fn job(&self, id: JobId) -> Result<Option<Arc<Job>>> {
        self.look().await?;
        self.ledger().store.job(id).await
    }

    async fn job_by_name(&self, name: &str) -> Result<Option<Arc<Job>>> {
        self.look().await?;
        self.ledger().store.job_by_name(name).await
    }

    async fn deleted_job(&self, name: &str) -> Result<Option<Arc<Job>>> {
        self.look().await?;
        self.ledger().store.deleted_job(name).await
    }

    async fn revisions(&self, job: JobId, limit: usize) -> Result<Vec<Arc<Job>>> {
        self.look().await?;
        self.ledger().store.revisions(job, limit).await
    }

    async fn prune_revisions(&self, keep: u32, page: &Page<JobId>) -> Result<(usize, Cursor<JobId>)> {
        self.look().await?;
        self.ledger().store.prune_revisions(keep, page).await
    }

    async fn prune_jobs(&self, retention: JobRetention) -> Result<PrunedJobs> {
        self.look().await?;
        self.ledger().store.prune_jobs(retention).await
    }
}

#[async_trait]
impl Runs for Frail {
    async fn claim_partitions(&self, partitions: &[Partition], _: &NodeName, at_least: Epoch) -> Result<Vec<Claim>> {
        self.attempt(|ledger| ledger.claim(&self.0.world, &self.0.life.name, partitions, at_least)).await
    }

    async fn create(&self, creation: &Creation) -> Result<Created> {
        self.attempt(|ledger| ledger.create(&self.0.world, &self.0.life.name, creation)).await
    }

    async fn record(&self, recording: &Recording) -> Result<Recorded> {
        self.attempt(|ledger| ledger.record(&self.0.world, &self.0.life.name, recording)).await
    }

    async fn note(&self, notes: &[Note]) -> Result<()> {
        self.look().await?;
        self.ledger().store.note(notes).await
    }

    async fn submit(&self, submission: &Submission) -> Result<Submitted> {
        self.attempt(|ledger| ledger.submit(&self.0.world, &self.0.life.name, submission)).await
    }

    async fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Result<Vec<Run>> {
        self.look().await?;
        self.ledger().store.unfinished(partitions, after, limit).await
    }

    async fn find(&self, runs: &[RunId]) -> Result<Vec<Run>> {
        self.look().await?;
        self.ledger().store.find(runs).await
    }

    async fn executing(&self, among: usize) -> Result<BTreeMap<NodeName, u32>> {
        self.look().await?;
        self.ledger().store.executing(among).await
    }

    async fn prune(&self, retention: Retention) -> Result<Pruned> {
        self.look().await?;
        self.ledger().store.prune(retention).await
    }
}

#[async_trait]
impl History for Frail {
    async fn run(&self, id: RunId) -> Result<Option<Run>> {
        self.look().await?;
        self.ledger().store.run(id).await
    }

    async fn runs(&self, filter: &RunFilter, page: &Page<RunId>) -> Result<(Vec<Run>, Cursor<RunId>)> {
        self.look().await?;
        self.ledger().store.runs(filter, page).await
    }

    async fn jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> Result<(Vec<Arc<Job>>, Cursor<String>)> {
        self.look().await?;
        self.ledger().store.jobs(filter, page, now).await
    }

    async fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Result<Vec<(State, u64)>> {
        self.look().await?;
        self.ledger().store.count_runs(job, from).await
    }

    async fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Result<Tally> {
        self.look().await?;
        self.ledger().store.tally(from, until, late_after).await
    }
}
