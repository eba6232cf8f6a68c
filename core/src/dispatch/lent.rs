//! The partitions that schedulers lent to this dispatcher, and what that gives it the right to.
//!
//! A partition is lent under an epoch. Everything that is recorded names the epochs of the partitions it is about, so
//! that the store refuses it once somebody else has claimed one of them: of each partition there is one dispatcher whose
//! word counts, and what it reads after its loan began is all there is.
//!
//! What is read takes time, in which runs end here. Those are remembered for as long as anything is being read, so that
//! nobody takes a run in hand again because of a row that was read just before it ended.

use crate::id::{Epoch, Partition, RunId};
use crate::port::store::{Fence, Update};
use crate::time::Timestamp;

use super::absence::Absence;
use super::machine::Dispatch;
use super::table::RunTable;

/// A partition that is lent.
#[derive(Clone, Copy, Debug)]
pub struct Loan {
    /// The epoch it is lent under.
    pub fence: Fence,
    /// Up to where its slots had been created then.
    pub reached: Timestamp,
}

/// The epochs of the partitions that are lent, and since when nobody had been there for them.
#[derive(Debug)]
pub(super) struct Lent(Vec<Option<(Epoch, Option<Absence>)>>);

impl Lent {
    pub(super) fn nothing() -> Self {
        Self(vec![None; Partition::COUNT])
    }

    fn epoch(&self, partition: Partition) -> Option<Epoch> {
        self.0.get(partition.index()).copied().flatten().map(|(epoch, _)| epoch)
    }

    pub(super) fn absence(&self, partition: Partition) -> Option<Absence> {
        self.0.get(partition.index()).copied().flatten().and_then(|(_, absence)| absence)
    }

    fn set(&mut self, partition: Partition, loan: Option<(Epoch, Option<Absence>)>) {
        if let Some(place) = self.0.get_mut(partition.index()) {
            *place = loan;
        }
    }

    /// The right to make these updates.
    pub(super) fn fences(&self, updates: &[Update]) -> Vec<Fence> {
        let mut touched = [false; Partition::COUNT];
        for update in updates {
            if let Some(place) = touched.get_mut(update.run.job.partition().index()) {
                *place = true;
            }
        }
        let all = Partition::all().zip(touched).filter(|(_, touched)| *touched);
        all.filter_map(|(partition, _)| Some(Fence { partition, epoch: self.epoch(partition)? })).collect()
    }
}

/// The runs that ended here while something was being read.
#[derive(Debug, Default)]
pub(super) struct Endings {
    readings: usize,
    ended: RunTable<()>,
}

impl Endings {
    /// The end of a run is durable.
    pub(super) fn note(&mut self, run: RunId) {
        if self.readings > 0 {
            self.ended.insert(run, ());
        }
    }

    pub(super) fn has(&self, run: RunId) -> bool {
        self.ended.contains_key(&run)
    }
}

impl Dispatch {
    /// These partitions are lent to this dispatcher. What it had in hand of them under an earlier epoch is dropped:
    /// what the store says now has to be given to [`Self::adopt`].
    pub fn lend(&mut self, loans: &[Loan], now: Timestamp) {
        let new: Vec<Loan> = loans.iter().filter(|loan| !self.has_lent(&loan.fence)).copied().collect();
        let partitions: Vec<Partition> = new.iter().map(|loan| loan.fence.partition).collect();
        self.disown(&partitions);
        for Loan { fence: Fence { partition, epoch }, reached } in new {
            let absence = Absence::before(now, reached, &self.settings);
            self.lent.set(partition, Some((epoch, absence)));
        }
    }

    /// Whether the partition is lent under this epoch.
    #[must_use]
    pub fn has_lent(&self, fence: &Fence) -> bool {
        self.lent.epoch(fence.partition) == Some(fence.epoch)
    }

    /// Whether the partition is lent to this dispatcher.
    #[must_use]
    pub fn dispatches(&self, partition: Partition) -> bool {
        self.lent.epoch(partition).is_some()
    }

    /// The partitions lent to this dispatcher, in order.
    #[must_use]
    pub fn partitions(&self) -> Vec<Partition> {
        Partition::all().filter(|partition| self.dispatches(*partition)).collect()
    }

    /// These partitions are somebody else's now: their runs are dropped from here, not from the store. An end that is
    /// not recorded yet is reported again, to whoever dispatches them then.
    pub fn disown(&mut self, partitions: &[Partition]) {
        let mut disowned = [false; Partition::COUNT];
        for partition in partitions {
            self.lent.set(*partition, None);
            if let Some(place) = disowned.get_mut(partition.index()) {
                *place = true;
            }
        }
        let is_gone = |run: &crate::run::Run| disowned.get(run.job.partition().index()) == Some(&true);
        let gone: Vec<RunId> =
            self.active.values().filter(|active| is_gone(&active.run)).map(|active| active.run.id).collect();
        for id in gone {
            self.forget(id);
        }
        self.ready.retain(|id| self.active.contains_key(id));
        self.forget_writing();
    }

    /// Rows are about to be read from the store, or made there: their state may be old when it is told of. Ends with
    /// [`Self::has_read`].
    pub fn reads(&mut self) {
        self.endings.readings += 1;
    }

    /// What was read was told.
    pub fn has_read(&mut self) {
        self.endings.readings = self.endings.readings.saturating_sub(1);
        if self.endings.readings == 0 {
            self.endings.ended.clear();
        }
    }
}
