//! Runs in memory: creation, recording, housekeeping.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::tables::{Ownership, Tables};
use crate::id::{Epoch, JobId, NodeName, Partition, RunId};
use crate::port::store::{
    Advance, Claim, Created, Creation, Error, Fence, Note, Pruned, Recorded, Recording, Result, Retention, Submission,
    Submitted, Update,
};
use crate::run::{Run, State};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn claim(&mut self, partitions: &[Partition], owner: &NodeName, at_least: Epoch) -> Vec<Claim> {
        partitions.iter().map(|partition| self.claim_one(*partition, owner, at_least)).collect()
    }

    fn claim_one(&mut self, partition: Partition, owner: &NodeName, at_least: Epoch) -> Claim {
        let nobody = Ownership { owner: owner.clone(), epoch: Epoch(0), watermark: Timestamp::EPOCH };
        let ownership = self.partitions.entry(partition).or_insert(nobody);
        ownership.owner = owner.clone();
        ownership.epoch = Epoch(ownership.epoch.0.saturating_add(1)).max(at_least);
        Claim { partition, epoch: ownership.epoch, watermark: ownership.watermark }
    }

    pub(super) fn create(&mut self, creation: &Creation) -> Result<Created> {
        for Advance { partition, epoch, .. } in &creation.advances {
            self.check_epoch(*partition, *epoch)?;
        }
        for advance in &creation.advances {
            if let Some(ownership) = self.partitions.get_mut(&advance.partition) {
                ownership.watermark = ownership.watermark.max(advance.watermark);
            }
        }
        let mut existing: Vec<Run> = creation.runs.iter().filter_map(|run| self.insert(run)).collect();
        existing.sort_by_key(|run| run.id);
        self.alerts.raise_but(&creation.events, &existing);
        Ok(Created { existing })
    }

    fn check_epoch(&self, partition: Partition, used: Epoch) -> Result<()> {
        match self.partitions.get(&partition) {
            Some(ownership) if ownership.epoch == used => Ok(()),
            other => {
                let current = other.map_or(Epoch(0), |ownership| ownership.epoch);
                Err(Error::Fenced { partition, used, current })
            }
        }
    }

    /// Adds a row, or answers with the one that is there.
    fn insert(&mut self, run: &Run) -> Option<Run> {
        if let Some(existing) = self.runs.get(&run.id) {
            return Some(existing.clone());
        }
        self.runs.insert(run.id, run.clone());
        None
    }

    pub(super) fn record(&mut self, recording: &Recording) -> Result<Recorded> {
        for Fence { partition, epoch } in &recording.fences {
            self.check_epoch(*partition, *epoch)?;
        }
        let mut conflicts: Vec<Run> = recording.updates.iter().filter_map(|update| self.update(update)).collect();
        conflicts.sort_by_key(|run| run.id);
        self.alerts.raise_but(&recording.events, &conflicts);
        Ok(Recorded { conflicts })
    }

    /// Moves a row on, or answers with the row when it is in another state.
    fn update(&mut self, update: &Update) -> Option<Run> {
        let row = self.runs.get_mut(&update.run.id)?;
        if row.state != update.from {
            return Some(row.clone());
        }
        *row = Run {
            job: row.job,
            revision: row.revision,
            due_at: row.due_at,
            trigger: row.trigger,
            attempt: row.attempt,
            shard: row.shard,
            params: row.params.take(),
            created_at: row.created_at,
            note: std::mem::take(&mut row.note),
            ..update.run.clone()
        };
        if let Some(next) = &update.next_attempt {
            self.insert(next);
        }
        None
    }

    pub(super) fn note(&mut self, notes: &[Note]) {
        for Note { run, text } in notes {
            let row = self.runs.get_mut(run).filter(|row| row.state.is_terminal() && row.note.is_empty());
            if let Some(row) = row {
                row.note.clone_from(text);
            }
        }
    }

    pub(super) fn submit(&mut self, submission: &Submission) -> Result<Submitted> {
        let known = submission.idempotency_key.as_ref().and_then(|key| self.keys.get(key));
        if let Some(run) = known.and_then(|id| self.runs.get(id)) {
            let name = |job| self.job(job).map(|job| &job.definition.name);
            return submission.answered_by(run.clone(), name(submission.run.job), name(run.job));
        }
        let job = submission.run.job;
        if self.job(job).is_some_and(|job| job.deleted) {
            return Err(Error::NoSuchJob { job: job.to_string() });
        }
        if let Some(key) = &submission.idempotency_key {
            self.keys.insert(key.clone(), submission.run.id);
        }
        Ok(match self.insert(&submission.run) {
            Some(run) => Submitted { run, created: false },
            None => {
                submission.record.iter().for_each(|record| self.keep(record.clone()));
                Submitted { run: submission.run.clone(), created: true }
            }
        })
    }

    pub(super) fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Vec<Run> {
        let wanted: BTreeSet<Partition> = partitions.iter().copied().collect();
        self.runs
            .range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded))
            .map(|(_, run)| run)
            .filter(|run| !run.state.is_terminal() && wanted.contains(&run.job.partition()))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn executing(&self, among: usize) -> BTreeMap<NodeName, u32> {
        let mut counts = BTreeMap::new();
        let open = self.runs.values().filter(|run| !run.state.is_terminal()).take(among);
        for node in open.filter(|run| run.state == State::Running).filter_map(|run| run.node.clone()) {
            *counts.entry(node).or_default() += 1;
        }
        counts
    }

    pub(super) fn prune(&mut self, retention: Retention) -> Pruned {
        let surplus = self.surplus(retention.per_job);
        let ended = self.runs.values().filter(|run| run.state.is_terminal());
        let forgettable = ended.filter(|run| run.due_at < retention.before || surplus.contains(&run.id));
        let mut doomed: Vec<RunId> = forgettable.map(|run| run.id).take(retention.limit.saturating_add(1)).collect();
        let more = doomed.len() > retention.limit;
        doomed.truncate(retention.limit);
        for id in &doomed {
            self.runs.remove(id);
        }
        self.keys.retain(|_, id| self.runs.contains_key(id));
        Pruned { runs: doomed.len(), more }
    }

    /// The ended runs of each job beyond its newest `keep` ended ones.
    fn surplus(&self, keep: u32) -> BTreeSet<RunId> {
        let mut seen: BTreeMap<JobId, u32> = BTreeMap::new();
        let mut surplus = BTreeSet::new();
        for run in self.runs.values().rev().filter(|run| keep > 0 && run.state.is_terminal()) {
            let count = seen.entry(run.job).or_default();
            if *count >= keep {
                surplus.insert(run.id);
            }
            *count = count.saturating_add(1);
        }
        surplus
    }
}
