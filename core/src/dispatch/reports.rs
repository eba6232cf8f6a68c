//! What executors report, and what the store says where a report alone cannot be understood.

use std::sync::Arc;

use crate::id::{NodeName, RunId};
use crate::policy::retry;
use crate::port::store::Note;
use crate::run::{Ending, Event, Outcome, Run, State, Verdict};
use crate::time::Timestamp;
use crate::wire::{Handover, Report};

use super::active::{Active, Phase};
use super::decide;
use super::machine::{Dispatch, holder};

impl Dispatch {
    /// A node reports. All of it may come twice, late, or for runs this dispatcher does not have. What comes before the
    /// catalogue is complete is passed over: nodes repeat an end until it is acknowledged, and are asked for the rest.
    pub fn reported(&mut self, node: &NodeName, reports: Vec<Report>, now: Timestamp) {
        if !self.catalog_complete {
            return;
        }
        for report in reports {
            self.report(node, report, now);
        }
        self.settle(now);
    }

    /// What the store says of the runs of [`super::Effects::look_up`]: those it does not have are left out.
    pub fn looked_up(&mut self, asked: &[RunId], rows: Vec<Run>, now: Timestamp) {
        self.found_out(asked, &rows, now);
        for row in rows {
            let Some((node, report)) = self.strays.remove(&row.id) else { continue };
            if row.state.is_terminal() {
                self.already_over(&row, &node, &report);
            } else {
                self.understood(row, &node, report, now);
            }
        }
        for id in asked {
            if let Some((node, report)) = self.strays.remove(id) {
                self.ended_elsewhere(*id, &node, &report);
            }
        }
        self.settle(now);
    }

    /// Takes the next attempts in hand that were doubtful and are not over.
    fn found_out(&mut self, asked: &[RunId], rows: &[Run], now: Timestamp) {
        let doubtful = |row: &&Run| self.doubtful.contains(&row.id);
        let found: Vec<Run> = rows.iter().filter(doubtful).cloned().collect();
        for id in asked {
            self.doubtful.remove(id);
        }
        if !found.is_empty() {
            self.adopt(found, now);
        }
    }

    fn report(&mut self, node: &NodeName, report: Report, now: Timestamp) {
        match report {
            Report::Accepted { run, handover } => self.accepted(node, run, handover, now),
            Report::Ready { run, handover } => self.ready(node, run, handover, now),
            Report::Started { run, at } => self.started(node, run, at, now),
            Report::Refused { run, handover, reason, expired } if self.is_last(run, handover) => {
                self.refused(node, run, &reason, expired, now);
            }
            Report::Refused { .. } => {}
            Report::Ended { run, outcome } => self.ended(node, run, outcome, now),
            Report::Unknown { run, upto } => {
                if self.is_without(node, run, upto) {
                    self.ask_store(node, run, Report::Unknown { run, upto });
                }
            }
        }
    }

    /// Whether the run is out on `node`, as far as this dispatcher knows.
    fn has(&self, node: &NodeName, run: RunId) -> bool {
        let is_there = |active: &Active| active.is_out() && active.phase != Phase::Recording;
        self.active.get(&run).is_some_and(|active| is_there(active) && holder(active).as_ref() == Some(node))
    }

    /// Whether the run was handed over so the last time, as far as this dispatcher knows.
    fn is_last(&self, run: RunId, handover: Handover) -> bool {
        self.active.get(&run).is_some_and(|active| active.handover == Some(handover))
    }

    /// Whether `node`, which should have the run, refuses all hand-overs of it that there were.
    fn is_without(&self, node: &NodeName, run: RunId, upto: Handover) -> bool {
        self.has(node, run) && self.active.get(&run).is_some_and(|active| active.settled < upto)
    }

    pub(super) fn ask_store(&mut self, node: &NodeName, run: RunId, report: Report) {
        self.strays.insert(run, (node.clone(), report));
        self.effects.look_up.push(run);
    }

    pub(super) fn accepted(&mut self, node: &NodeName, run: RunId, handover: Handover, now: Timestamp) {
        let Some(active) = self.active.get_mut(&run) else { return };
        if active.handover == Some(active.settled) {
            // An answer to an earlier hand-over says nothing of the last one.
            if handover != active.settled {
                return;
            }
        } else {
            active.handover = active.handover.max(Some(handover));
        }
        self.taken(node, run, now);
    }

    fn taken(&mut self, node: &NodeName, run: RunId, now: Timestamp) {
        if !self.has(node, run) || self.is_ahead(run, now) {
            return;
        }
        self.unstage(run, Phase::Held { since: now });
        self.assign_if_created(node, run);
        self.set_phase(run, Phase::Held { since: now });
        if let Some(reason) = self.active.get(&run).and_then(|active| active.killed.clone()) {
            self.effects.kill(node, run, &reason);
        }
    }

    fn started(&mut self, node: &NodeName, run: RunId, at: Timestamp, now: Timestamp) {
        if self.has(node, run) {
            self.unstage(run, Phase::Held { since: now });
            self.has_begun(run);
        }
        self.taken(node, run, now);
        if self.has(node, run) && self.state_of(run) == Some(State::Assigned) {
            self.apply(run, Event::Start { at });
        }
    }

    /// Whatever was asked for: a node of an older version asks for no leave.
    fn has_begun(&mut self, run: RunId) {
        if let Some(active) = self.active.get_mut(&run) {
            active.may_have_begun = true;
        }
    }

    fn refused(&mut self, node: &NodeName, run: RunId, reason: &str, expired: bool, now: Timestamp) {
        if !self.has(node, run) || self.state_of(run) == Some(State::Running) {
            return;
        }
        let was_staged = self.take_back(node, run);
        if let Some(killed) = self.active.get(&run).and_then(|active| active.killed.clone()) {
            self.answer(run, Verdict::Killed, killed, now);
        } else if expired {
            self.answer(run, Verdict::Rejected, format!("not started within start_deadline: {node}: {reason}"), now);
        } else if was_staged {
            self.wait_again(run);
        } else {
            // Not at once: a node that refuses everything would be asked in a circle.
            self.set_phase(run, Phase::Unrouted);
        }
    }

    fn ended(&mut self, node: &NodeName, run: RunId, outcome: Arc<Outcome>, now: Timestamp) {
        let Some(active) = self.active.get_mut(&run) else {
            return self.ask_store(node, run, Report::Ended { run, outcome });
        };
        if let Phase::Over { tell } = &mut active.phase {
            // The first answer stands; the node may forget as soon as that is durable. An outcome of a run that was given
            // up comes again, and is noted then.
            if active.run.state != State::Lost || tell.is_some() {
                *tell = Some(node.clone());
            }
            return;
        }
        self.assign_if_created(node, run);
        let outcome = Arc::unwrap_or_clone(outcome);
        self.conclude(run, outcome, Some(node.clone()), now);
    }

    /// The end of an execution: its state, its next attempt, what waited for it.
    pub(super) fn conclude(&mut self, id: RunId, mut outcome: Outcome, tell: Option<NodeName>, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        let next_attempt = match (&active.killed, self.plan_next_attempt(active, &outcome, now)) {
            (None, next_attempt) => next_attempt,
            (Some(killed), planned) => {
                if outcome.ending == Ending::Killed {
                    outcome.reason = both(killed, &outcome.reason);
                } else if planned.is_some() {
                    // It ended by itself before it could be ended; whoever reads the row would expect another attempt.
                    outcome.reason = both(&outcome.reason, &format!("not tried again: {killed}"));
                }
                None
            }
        };
        let succeeded = outcome.ending == Ending::Succeeded;
        if !self.apply(id, Event::End(Box::new(outcome))) {
            return;
        }
        self.counts.succeeded += u64::from(succeeded);
        self.counts.failed += u64::from(!succeeded);
        self.end(id, tell);
        if let Some(active) = self.active.get_mut(&id) {
            active.next_attempt = next_attempt;
        }
    }

    fn plan_next_attempt(&self, active: &Active, outcome: &Outcome, now: Timestamp) -> Option<Box<Run>> {
        let job = self.jobs.get(&active.run.job).filter(|job| !job.deleted)?;
        let wait = retry::wait(&job.definition.retry, active.run.id, active.run.attempt, outcome)?;
        Some(Box::new(decide::next_attempt(active, outcome.ended_at.max(now) + wait, now)))
    }

    fn assign_if_created(&mut self, node: &NodeName, run: RunId) {
        if self.state_of(run) == Some(State::Created) {
            self.apply(run, Event::Assign { node: node.clone() });
        }
    }

    /// The run will not be started by `node`: it is nobody's again. Returns whether it was staged there.
    pub(super) fn take_back(&mut self, node: &NodeName, run: RunId) -> bool {
        self.count_running(node, -1);
        let was_staged = self.active.get(&run).is_some_and(|active| matches!(active.phase, Phase::Staged { .. }));
        self.staged -= usize::from(was_staged);
        self.set_phase(run, Phase::Unrouted);
        if self.state_of(run) == Some(State::Assigned) {
            self.apply(run, Event::Return);
        }
        was_staged
    }

    fn state_of(&self, run: RunId) -> Option<State> {
        self.active.get(&run).map(|active| active.run.state)
    }

    /// The store has the end of a run already. What its node tells of one that was given up as lost is noted before the
    /// node may forget it.
    fn already_over(&mut self, row: &Run, node: &NodeName, report: &Report) {
        match report {
            Report::Ended { outcome, .. } if is_news(row, outcome) => {
                self.drop_unless_over(row.id);
                self.effects.note.push((node.clone(), Note::late(row.id, node, outcome)));
            }
            _ => self.ended_elsewhere(row.id, node, report),
        }
    }

    /// The store has these notes: the nodes that told of the runs may forget them.
    pub fn noted(&mut self, notes: &[(NodeName, Note)]) {
        for (node, note) in notes {
            self.effects.acknowledge(node, note.run);
        }
    }

    /// The store has the end of a run already, or has forgotten it.
    fn ended_elsewhere(&mut self, run: RunId, node: &NodeName, report: &Report) {
        self.drop_unless_over(run);
        match report {
            Report::Ended { .. } => self.effects.acknowledge(node, run),
            Report::Ready { handover, .. } => self.want_back_upto(run, node, *handover),
            _ => {}
        }
    }

    fn drop_unless_over(&mut self, run: RunId) {
        if self.active.get(&run).is_some_and(|active| !matches!(active.phase, Phase::Over { .. })) {
            self.forget(run);
        }
    }

    /// The store says that the run is not over.
    fn understood(&mut self, row: Run, node: &NodeName, report: Report, now: Timestamp) {
        let id = row.id;
        match report {
            Report::Ended { outcome, .. } => {
                if !self.dispatches(row.job.partition()) {
                    // Its dispatcher is told again.
                    return;
                }
                if !self.active.contains_key(&id) {
                    let active = Active::new(row, Phase::Unknown { node: node.clone(), asked: now });
                    self.load.execute(active.lane.clone(), id);
                    self.count_running(node, 1);
                    self.active.insert(id, active);
                }
                self.ended(node, id, outcome, now);
            }
            Report::Unknown { upto, .. } if self.is_without(node, id, upto) => self.never_taken(node, id, now),
            _ => {}
        }
    }

    /// The node will never start the run, and its end is not in the store.
    fn never_taken(&mut self, node: &NodeName, run: RunId, now: Timestamp) {
        let was = self.state_of(run);
        if was == Some(State::Running) {
            let reason = format!("node `{node}` had started it and does not know it any more");
            return self.lose(run, reason, now);
        }
        let was_staged = self.take_back(node, run);
        let was_decided = was == Some(State::Assigned) && !was_staged && self.missed_until(run).is_none();
        match self.active.get(&run).and_then(|active| active.killed.clone()) {
            Some(killed) => self.answer(run, Verdict::Killed, killed, now),
            None if !was_decided || self.has_others_beside(run) => self.wait_again(run),
            None => self.ready.push(run),
        }
    }

    /// Whether others of its job execute too: a predecessor may have decided on each of them without the rest.
    fn has_others_beside(&self, run: RunId) -> bool {
        self.active.get(&run).is_some_and(|active| self.load.busy(&active.lane).executing > 1)
    }

    /// Nobody decided on the run, or not on what is here now: its moment has to come first.
    pub(super) fn wait_again(&mut self, run: RunId) {
        let Some(active) = self.active.get_mut(&run) else { return };
        active.phase = Phase::Waiting;
        self.calendar.put(active.run.not_before, run);
        let lane = active.lane.clone();
        self.ready.extend(self.load.over(&lane, run));
    }
}

/// Two reasons in one line, either of which may be empty.
fn both(first: &str, second: &str) -> String {
    [first, second].into_iter().filter(|reason| !reason.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Whether an outcome says more of a run than its row does, where nobody knew how it ended.
fn is_news(row: &Run, outcome: &Outcome) -> bool {
    row.state == State::Lost
        && row.note.is_empty()
        && (outcome.ending != Ending::Lost || !row.reason.contains(&outcome.reason))
}
