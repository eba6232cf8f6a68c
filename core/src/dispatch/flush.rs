//! What is written to the store, in batches: one at a time, each once.
//!
//! A batch that was taken is repeated by the caller until the store has answered; what changes meanwhile goes with the
//! next one. Since a commit can be ambiguous, a row that already says what was to be written counts as written.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::alert::{self, EventKind};
use crate::id::RunId;
use crate::port::store::{Recorded, Recording, Update};
use crate::run::{Event, Run, State, Verdict};
use crate::time::Timestamp;

use super::active::Phase;
use super::machine::{Dispatch, holder};
use super::table::RunTable;

/// What is to be written and what is being written.
#[derive(Debug, Default)]
pub(super) struct Flushing {
    /// Runs that changed since they were last taken; each once.
    pub(super) dirty: VecDeque<RunId>,
    /// The states that the batch in the store's hands writes.
    out: Option<Vec<Writing>>,
}

/// What is written of one run.
#[derive(Debug)]
struct Writing {
    run: RunId,
    state: State,
    next_attempt: Option<Run>,
}

impl Dispatch {
    /// Whether there is something to write and the last batch is done.
    #[must_use]
    pub fn wants_flush(&self) -> bool {
        self.flushing.out.is_none() && !self.flushing.dirty.is_empty()
    }

    /// How many runs wait to be written.
    #[must_use]
    pub fn unflushed(&self) -> usize {
        self.flushing.dirty.len()
    }

    /// The next batch to write, of at most `limit` runs. [`Self::flushed`] must follow before there is another.
    pub fn flush(&mut self, limit: usize) -> Option<Recording> {
        if !self.wants_flush() {
            return None;
        }
        let take = self.flushing.dirty.len().min(limit);
        let mut recording = Recording { updates: Vec::with_capacity(take), ..Recording::default() };
        let mut out = Vec::with_capacity(take);
        while out.len() < take
            && let Some(id) = self.flushing.dirty.pop_front()
        {
            let Some(active) = self.active.get_mut(&id) else { continue };
            let changed = std::mem::take(&mut active.dirty);
            if !changed || active.run.state == active.durable {
                continue;
            }
            let next_attempt = active.next_attempt.take();
            self.counts.retried += u64::from(next_attempt.is_some());
            out.push(Writing { run: id, state: active.run.state, next_attempt: next_attempt.as_deref().cloned() });
            recording.updates.push(Update { from: active.durable, run: active.run.clone(), next_attempt });
        }
        if out.is_empty() {
            return None;
        }
        self.flushing.out = Some(out);
        recording.fences = self.lent.fences(&recording.updates);
        recording.events = self.events_after(&recording.updates);
        Some(recording)
    }

    /// What people may want to be told of runs that are over for good. Successes are passed over before anything is
    /// looked up, unless somebody asks when runs start.
    fn events_after(&self, updates: &[Update]) -> Vec<alert::Event> {
        let asks_for_starts = self.settings.rules.are_about(EventKind::LateStart);
        let is_over = |update: &&Update| update.run.state.is_terminal() && update.next_attempt.is_none();
        let over = updates.iter().filter(is_over).map(|update| &update.run);
        let is_moot = |run: &Run| self.active.get(&run.id).is_some_and(|active| active.is_moot);
        over.filter(|run| run.state != State::Succeeded || asks_for_starts)
            .filter(|run| !is_moot(run))
            .flat_map(|run| self.events_of_one(run))
            .collect()
    }

    /// The store has the batch.
    pub fn flushed(&mut self, recorded: Recorded, now: Timestamp) {
        let mut conflicts: RunTable<Run> = recorded.conflicts.into_iter().map(|row| (row.id, row)).collect();
        for Writing { run, state, next_attempt } in self.flushing.out.take().unwrap_or_default() {
            match conflicts.remove(&run) {
                Some(row) if row.state != state || self.is_someone_elses(&row) => self.conflict(row, next_attempt, now),
                Some(_) => {
                    self.durable(run, state, now);
                    self.find_out(next_attempt);
                }
                None => {
                    self.durable(run, state, now);
                    self.created(next_attempt.into_iter().collect());
                }
            }
        }
        self.settle(now);
    }

    /// What is being written of runs that were dropped meanwhile may be refused: should they be found again before the
    /// store answers, nothing follows from that answer.
    pub(super) fn forget_writing(&mut self) {
        if let Some(out) = &mut self.flushing.out {
            out.retain(|writing| self.active.contains_key(&writing.run));
        }
    }

    /// An end that was in the store already has had its next attempt, too: the store knows how far that got.
    fn find_out(&mut self, next_attempt: Option<Run>) {
        if let Some(run) = next_attempt {
            self.effects.look_up.push(run.id);
            self.doubtful.insert(run.id);
        }
    }

    /// Whether a row in the state we wanted was brought there by another hand.
    fn is_someone_elses(&self, row: &Run) -> bool {
        self.active.get(&row.id).is_some_and(|active| row.node.is_some() && row.node != active.run.node)
    }

    fn durable(&mut self, id: RunId, written: State, now: Timestamp) {
        let Some(active) = self.active.get_mut(&id) else { return };
        active.durable = written;
        match &active.phase {
            Phase::Over { tell } if written.is_terminal() => {
                if let Some(node) = tell {
                    self.effects.acknowledge(node, id);
                }
                self.active.remove(&id);
                self.endings.note(id);
            }
            Phase::Recording if written == State::Assigned => self.recorded_handover(id, now),
            _ => {}
        }
    }

    /// The store knows that the run is assigned: now its node may.
    fn recorded_handover(&mut self, id: RunId, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        let (Some(node), killed) = (active.run.node.clone(), active.killed.clone()) else { return };
        let job = self.jobs.get(&active.run.job).map(Arc::clone);
        match (killed, job) {
            (None, Some(job)) if !self.closed && self.member(&node).is_some() => self.publish(id, &node, &job, now),
            (killed, _) => {
                self.count_running(&node, -1);
                self.set_phase(id, Phase::Unrouted);
                self.apply(id, Event::Return);
                if let Some(reason) = killed {
                    self.answer(id, Verdict::Killed, reason, now);
                }
            }
        }
    }

    /// Somebody else wrote the row meanwhile. The next attempt was not added then: it goes with what is written next.
    fn conflict(&mut self, row: Run, next_attempt: Option<Run>, now: Timestamp) {
        let Some(active) = self.active.get_mut(&row.id) else { return };
        let id = row.id;
        if row.state.is_terminal() {
            // The first durable answer stands. An outcome of a run that was given up comes again, and is noted then.
            match &active.phase {
                Phase::Over { tell: Some(node) } if row.state != State::Lost => self.effects.acknowledge(node, id),
                _ => {}
            }
            self.forget(id);
            self.endings.note(id);
        } else if active.phase == Phase::Recording {
            self.go_by(row, now);
        } else {
            active.durable = row.state;
            // Unless the run ended while something earlier of it was being written: that end brought one of its own.
            active.next_attempt = active.next_attempt.take().or_else(|| next_attempt.map(Box::new));
            if !active.dirty && active.run.state != active.durable {
                active.dirty = true;
                self.flushing.dirty.push_back(id);
            }
        }
    }

    /// Another dispatcher gave the run to a node before this one could: its word counts.
    fn go_by(&mut self, row: Run, now: Timestamp) {
        let id = row.id;
        let Some(active) = self.active.remove(&id) else { return };
        if let Some(node) = holder(&active) {
            self.count_running(&node, -1);
        }
        if row.state == State::Created {
            self.ready.extend(self.load.over(&active.lane, id));
        }
        self.adopt(vec![row], now);
        if let Some(adopted) = self.active.get_mut(&id) {
            adopted.killed = active.killed;
        }
    }
}
