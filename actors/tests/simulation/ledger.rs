//! The one database of a simulated world. It keeps a note of everything that was committed, in order.
//!
//! It can be told to break one of its promises ([`Sabotage`]), to prove that the checker sees it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cronbus_core::id::{Epoch, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::store::{
    ChangeSequence, Claim, Created, Creation, History as _, Jobs, Page, Recorded, Recording, Result, RunFilter, Runs,
    Submission, Submitted, Write,
};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use futures::FutureExt;

use crate::chance::Chance;
use crate::history::{Event, LifeName};
use crate::world::World;

/// A promise that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// The store has no primary key: a row that is there is made again.
    NoPrimaryKey,
    /// The store loses rows of a commit now and then.
    LosesRows,
    /// The store says that it committed a creation and did not, now and then.
    FeignsCommits,
    /// The store does not write ends of runs now and then.
    LosesEnds,
    /// The store ignores idempotency keys.
    IgnoresKeys,
    /// The spool does not write that a run is about to start.
    SpoolForgetsStarts,
    /// The spool does not write how a run ended.
    SpoolForgetsEnds,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) store: MemoryStore,
    watermarks: Mutex<BTreeMap<Partition, Timestamp>>,
    sabotage: Option<Sabotage>,
    chance: Chance,
}

/// What the store in memory answers is there at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("the store in memory does not wait")
}

impl Ledger {
    pub(crate) fn new(sabotage: Option<Sabotage>, chance: Chance) -> Self {
        Self { store: MemoryStore::new(), watermarks: Mutex::default(), sabotage, chance }
    }

    fn breaks(&self, promise: Sabotage, per_mille: u64) -> bool {
        self.sabotage == Some(promise) && self.chance.happens(per_mille)
    }

    pub(crate) fn row(&self, run: RunId) -> Option<Run> {
        now(self.store.run(run)).unwrap()
    }

    pub(crate) fn has(&self, run: RunId) -> bool {
        self.row(run).is_some()
    }

    pub(crate) fn rows(&self) -> BTreeMap<RunId, Run> {
        let page = Page { after: None, limit: usize::MAX - 1 };
        let (rows, _) = now(self.store.runs(&RunFilter::default(), &page)).unwrap();
        rows.into_iter().map(|row| (row.id, row)).collect()
    }

    /// Up to where the slots of all partitions were created.
    pub(crate) fn watermark(&self) -> Timestamp {
        let watermarks = self.watermarks.lock().unwrap();
        let of = |partition| watermarks.get(&partition).copied().unwrap_or_default();
        Partition::all().map(of).min().unwrap_or_default()
    }

    /// The jobs that are not deleted.
    pub(crate) fn jobs(&self) -> Vec<Arc<Job>> {
        let changes = now(self.store.job_changes(ChangeSequence::default(), usize::MAX)).unwrap();
        changes.into_iter().map(|change| change.job).filter(|job| !job.deleted).collect()
    }

    pub(crate) fn unfinished(&self) -> Vec<Run> {
        let all: Vec<_> = Partition::all().collect();
        now(self.store.unfinished(&all, None, usize::MAX)).unwrap()
    }

    pub(crate) fn write_jobs(&self, world: &World, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>> {
        let jobs = now(self.store.write_jobs(writes, by, at))?;
        for job in &jobs {
            world.note(Event::JobWritten { job: Arc::clone(job) });
        }
        Ok(jobs)
    }

    pub(crate) fn claim(
        &self,
        world: &World,
        by: &LifeName,
        partitions: &[Partition],
        at_least: Epoch,
    ) -> Result<Vec<Claim>> {
        let claims = now(self.store.claim_partitions(partitions, &by.node, at_least))?;
        world.note(Event::Claimed { by: by.clone(), partitions: claims.len() });
        Ok(claims)
    }

    pub(crate) fn create(&self, world: &World, by: &LifeName, creation: &Creation) -> Result<Created> {
        if self.breaks(Sabotage::FeignsCommits, 100) {
            return Ok(Created::default());
        }
        let mut creation = creation.clone();
        if self.breaks(Sabotage::LosesRows, 100) {
            creation.runs.pop();
        }
        let mut created = now(self.store.create(&creation))?;
        if self.sabotage == Some(Sabotage::NoPrimaryKey) {
            created.existing.clear();
        }
        for run in creation.runs {
            if !created.existing.iter().any(|existing| existing.id == run.id) {
                world.note(Event::Inserted { by: by.clone(), run });
            }
        }
        let mut watermarks = self.watermarks.lock().unwrap();
        for advance in creation.advances {
            let watermark = watermarks.entry(advance.partition).or_default();
            *watermark = advance.watermark.max(*watermark);
        }
        Ok(created)
    }

    pub(crate) fn record(&self, world: &World, by: &LifeName, recording: &Recording) -> Result<Recorded> {
        let mut recording = recording.clone();
        if self.breaks(Sabotage::LosesEnds, 200) {
            recording.updates.retain(|update| !update.run.state.is_terminal());
        }
        let next_attempts = recording.updates.iter().filter_map(|update| update.next_attempt.as_deref());
        let fresh: Vec<Run> = next_attempts.filter(|run| !self.has(run.id)).cloned().collect();
        let recorded = now(self.store.record(&recording))?;
        for update in recording.updates {
            if !recorded.conflicts.iter().any(|row| row.id == update.run.id) {
                world.note(Event::Moved { by: by.clone(), from: update.from, run: update.run });
            }
        }
        for run in fresh.into_iter().filter(|run| self.has(run.id)) {
            world.note(Event::Inserted { by: by.clone(), run });
        }
        Ok(recorded)
    }

    pub(crate) fn submit(&self, world: &World, by: &LifeName, submission: &Submission) -> Result<Submitted> {
        let mut submission = submission.clone();
        if self.sabotage == Some(Sabotage::IgnoresKeys) {
            submission.idempotency_key = None;
        }
        let submitted = now(self.store.submit(&submission))?;
        if submitted.created {
            world.note(Event::Inserted { by: by.clone(), run: submitted.run.clone() });
        }
        Ok(submitted)
    }
}
