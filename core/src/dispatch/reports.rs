//! What executors report, and what the store says where a report alone cannot be understood.

use std::sync::Arc;

use crate::id::{NodeName, RunId};
use crate::policy::retry;
use crate::run::{Ending, Event, Outcome, Run, State, Verdict};
use crate::time::Timestamp;
use crate::wire::Report;

use super::active::{Active, Phase};
use super::decide;
use super::machine::{Dispatch, holder};

impl Dispatch {
    /// A node reports. All of it may come twice, late, or for runs this dispatcher does not have.
    pub fn reported(&mut self, node: &NodeName, reports: Vec<Report>, now: Timestamp) {
        for report in reports {
            self.report(node, report, now);
        }
        self.settle(now);
    }

    /// What the store says of the runs of [`super::Effects::look_up`]: those it does not have are left out.
    pub fn looked_up(&mut self, asked: &[RunId], rows: Vec<Run>, now: Timestamp) {
        for row in rows {
            let Some((node, report)) = self.strays.remove(&row.id) else { continue };
            if row.state.is_terminal() {
                self.ended_elsewhere(row.id, &node, &report);
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

    fn report(&mut self, node: &NodeName, report: Report, now: Timestamp) {
        match report {
            Report::Accepted { run } => self.accepted(node, run),
            Report::Started { run, at } => self.started(node, run, at),
            Report::Refused { run, reason, expired } => self.refused(node, run, &reason, expired, now),
            Report::Ended { run, outcome } => self.ended(node, run, outcome, now),
            Report::Unknown { run } => {
                if self.has(node, run) {
                    self.ask_store(node, run, Report::Unknown { run });
                }
            }
        }
    }

    /// Whether the run is out on `node`, as far as this dispatcher knows.
    fn has(&self, node: &NodeName, run: RunId) -> bool {
        self.active.get(&run).is_some_and(|active| active.is_out() && holder(active).as_ref() == Some(node))
    }

    fn ask_store(&mut self, node: &NodeName, run: RunId, report: Report) {
        self.strays.insert(run, (node.clone(), report));
        self.effects.look_up.push(run);
    }

    fn accepted(&mut self, node: &NodeName, run: RunId) {
        if !self.has(node, run) {
            return;
        }
        self.assign_if_created(node, run);
        self.set_phase(run, Phase::Held);
        if let Some(reason) = self.active.get(&run).and_then(|active| active.killed.clone()) {
            self.effects.kill(node, run, &reason);
        }
    }

    fn started(&mut self, node: &NodeName, run: RunId, at: Timestamp) {
        self.accepted(node, run);
        if self.has(node, run) && self.state_of(run) == Some(State::Assigned) {
            self.apply(run, Event::Start { at });
        }
    }

    fn refused(&mut self, node: &NodeName, run: RunId, reason: &str, expired: bool, now: Timestamp) {
        if !self.has(node, run) || self.state_of(run) == Some(State::Running) {
            return;
        }
        self.take_back(node, run);
        if let Some(killed) = self.active.get(&run).and_then(|active| active.killed.clone()) {
            self.answer(run, Verdict::Killed, killed, now);
        } else if expired {
            self.answer(run, Verdict::Rejected, format!("not started within start_deadline: {node}: {reason}"), now);
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
            // The first answer stands; the node may forget as soon as that is durable.
            *tell = Some(node.clone());
            return;
        }
        self.assign_if_created(node, run);
        let outcome = Arc::unwrap_or_clone(outcome);
        self.conclude(run, outcome, Some(node.clone()), now);
    }

    /// The end of an execution: its state, its next attempt, what waited for it.
    pub(super) fn conclude(&mut self, id: RunId, mut outcome: Outcome, tell: Option<NodeName>, now: Timestamp) {
        let Some(active) = self.active.get(&id) else { return };
        if let (Ending::Killed, Some(reason)) = (outcome.ending, &active.killed) {
            outcome.reason =
                if outcome.reason.is_empty() { reason.clone() } else { format!("{reason}; {}", outcome.reason) };
        }
        let next_attempt = self.plan_next_attempt(active, &outcome, now);
        if outcome.ending == Ending::Succeeded {
            self.counts.succeeded += 1;
        } else {
            self.counts.failed += 1;
        }
        self.apply(id, Event::End(Box::new(outcome)));
        self.end(id, tell);
        if let Some(active) = self.active.get_mut(&id) {
            active.next_attempt = next_attempt;
        }
    }

    fn plan_next_attempt(&self, active: &Active, outcome: &Outcome, now: Timestamp) -> Option<Box<Run>> {
        let job = self.jobs.get(&active.run.job).filter(|job| !job.deleted && active.killed.is_none())?;
        let wait = retry::wait(&job.definition.retry, active.run.id, active.run.attempt, outcome)?;
        Some(Box::new(decide::next_attempt(active, outcome.ended_at.max(now) + wait, now)))
    }

    fn assign_if_created(&mut self, node: &NodeName, run: RunId) {
        if self.state_of(run) == Some(State::Created) {
            self.apply(run, Event::Assign { node: node.clone() });
        }
    }

    /// The run will not be started by `node`: it is nobody's again.
    fn take_back(&mut self, node: &NodeName, run: RunId) {
        self.count_running(node, -1);
        self.set_phase(run, Phase::Unrouted);
        if self.state_of(run) == Some(State::Assigned) {
            self.apply(run, Event::Return);
        }
    }

    fn state_of(&self, run: RunId) -> Option<State> {
        self.active.get(&run).map(|active| active.run.state)
    }

    /// The store has the end of a run already, or has forgotten it.
    fn ended_elsewhere(&mut self, run: RunId, node: &NodeName, report: &Report) {
        if self.active.get(&run).is_some_and(|active| !matches!(active.phase, Phase::Over { .. })) {
            self.forget(run);
        }
        if matches!(report, Report::Ended { .. }) {
            self.effects.acknowledge(node, run);
        }
    }

    /// The store says that the run is not over.
    fn understood(&mut self, row: Run, node: &NodeName, report: Report, now: Timestamp) {
        let id = row.id;
        match report {
            Report::Ended { outcome, .. } => {
                if !self.active.contains_key(&id) {
                    self.load.execute(row.job, id);
                    self.count_running(node, 1);
                    let phase = Phase::Unknown { node: node.clone(), asked: now };
                    self.active.insert(id, Active::new(row, phase));
                }
                self.ended(node, id, outcome, now);
            }
            Report::Unknown { .. } if self.has(node, id) => self.never_taken(node, id, now),
            _ => {}
        }
    }

    /// The node will never start the run, and its end is not in the store.
    fn never_taken(&mut self, node: &NodeName, run: RunId, now: Timestamp) {
        if self.state_of(run) == Some(State::Running) {
            let reason = format!("node `{node}` had started it and does not know it any more");
            return self.lose(run, reason, now);
        }
        self.take_back(node, run);
        match self.active.get(&run).and_then(|active| active.killed.clone()) {
            Some(killed) => self.answer(run, Verdict::Killed, killed, now),
            None => self.ready.push(run),
        }
    }
}
