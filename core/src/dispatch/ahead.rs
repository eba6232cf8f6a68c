//! Handing over ahead of the moment, so that at the moment nothing is left to do but to start: which runs, and how they
//! come back when what was decided on them does not stand any more.
//!
//! ```text
//!   created ──▶ staged at a node ──its moment──▶ started there
//!                  │        ▲
//!   job changed,   │        │ its moment comes without a word: the node is asked
//!   node leaves    ▼        │
//!               wanted back ┴─ given back ──▶ waits for its moment here, where everything is decided anew
//! ```
//!
//! Only what cannot be decided otherwise later is staged: runs that may overlap with all others of their job, of jobs as
//! they stand.
//!
//! Where this dispatcher is the only one, a staged run is `created` in the store until it ends: nobody else goes by the
//! row. Where there are others, its node is chosen before the row is made, and the row says so from its beginning
//! ([`Dispatch::place`]): the store has to know of a hand-over before it happens, and so it does without being told
//! twice. Whoever takes over finds the run assigned ahead of its moment, and asks the node.

use std::sync::Arc;

use crate::id::{JobId, NodeName, RunId};
use crate::job::{Job, Overlap};
use crate::port::membership::{Availability, Member};
use crate::run::{Event, Run, State, Trigger};
use crate::time::Timestamp;

use super::active::{Active, Phase};
use super::machine::{Dispatch, Handover};

impl Dispatch {
    /// Rows of slots that have just become durable, ahead of their moment or not.
    pub fn created_ahead(&mut self, rows: Vec<Run>, now: Timestamp) {
        self.active.reserve(rows.len());
        for run in rows {
            if self.active.contains_key(&run.id) {
                continue;
            }
            if let Some(node) = self.placed.remove(&run.id) {
                self.stage_placed(run, &node, now);
                continue;
            }
            let is_sole = self.settings.handover == Handover::Sole;
            match is_sole.then(|| self.place_ahead(&run, now)).flatten() {
                Some((node, job)) => self.stage(run, &node, &job, now),
                None => self.created(vec![run]),
            }
        }
        self.never_made();
    }

    /// Chooses the nodes of rows that are about to be made, where that can be done ahead of their moment and the store
    /// has to know: they are assigned from the beginning. [`Self::created_ahead`] follows with those that were made.
    pub fn place(&mut self, rows: &mut [Run], now: Timestamp) {
        self.never_made();
        if self.settings.handover != Handover::Recorded {
            return;
        }
        for run in rows {
            if self.may_take(run)
                && let Some((node, _)) = self.place_ahead(run, now)
                && run.apply(Event::Assign { node: node.clone() }).is_ok()
            {
                self.count_running(&node, 1);
                self.placed.insert(run.id, node);
            }
        }
    }

    /// Rows that were to be made and were there before, or refused, are not on their way to the node chosen for them.
    fn never_made(&mut self) {
        for node in std::mem::take(&mut self.placed).into_values() {
            self.count_running(&node, -1);
        }
    }

    /// A row was made with its node. What was decided may have fallen meanwhile.
    fn stage_placed(&mut self, run: Run, node: &NodeName, now: Timestamp) {
        if !self.may_take(&run) {
            return self.count_running(node, -1);
        }
        let id = run.id;
        let job = self.jobs.get(&run.job).filter(|job| stands(job, &run)).map(Arc::clone);
        self.staged += 1;
        self.active.insert(id, Active::new(run, Phase::Staged { node: node.clone(), asked: now }));
        match job.filter(|_| !self.closed && self.member(node).is_some_and(is_staying)) {
            Some(job) => self.hand(id, node, &job, now),
            None => {
                self.take_back(node, id);
                self.wait_again(id);
            }
        }
    }

    /// A run was found that its node has been given, or was to be, ahead of its moment.
    pub(super) fn found_staged(&mut self, run: &Run) {
        self.staged += 1;
        if self.jobs.get(&run.job).is_some_and(|job| !stands(job, run)) {
            self.changed.insert(run.job);
        }
    }

    /// The node to stage a run at, and its job, if it may be staged.
    fn place_ahead(&mut self, run: &Run, now: Timestamp) -> Option<(NodeName, Arc<Job>)> {
        if self.closed
            || !self.catalog_complete
            || run.state != State::Created
            || run.not_before <= now
            || run.trigger != Trigger::Schedule
            || run.is_pinned()
        {
            return None;
        }
        let job = self.jobs.get(&run.job).filter(|job| stands(job, run)).map(Arc::clone)?;
        let node = self.choose(&job).ok()?;
        Some((node, job))
    }

    fn stage(&mut self, run: Run, node: &NodeName, job: &Arc<Job>, now: Timestamp) {
        let id = run.id;
        self.count_running(node, 1);
        self.staged += 1;
        self.active.insert(id, Active::new(run, Phase::Staged { node: node.clone(), asked: now }));
        self.hand(id, node, job, now);
    }

    /// A job was changed after runs of it may have been staged.
    pub(super) fn note_change(&mut self, job: JobId) {
        if self.staged > 0 {
            self.changed.insert(job);
        }
    }

    /// Wants back what was staged for jobs that were changed since the last call.
    pub fn revoke_changed(&mut self, now: Timestamp) {
        let changed = std::mem::take(&mut self.changed);
        if !changed.is_empty() {
            self.revoke(now, |active, _| changed.contains(&active.run.job));
        }
    }

    /// Wants back what was staged at nodes that take nothing any more.
    pub(super) fn revoke_from_leaving(&mut self, now: Timestamp) {
        let staying = self.members.iter().filter(|member| is_staying(member));
        let staying: Vec<NodeName> = staying.map(|member| member.name.clone()).collect();
        self.revoke(now, |_, node| !staying.contains(node));
    }

    fn revoke(&mut self, now: Timestamp, which: impl Fn(&Active, &NodeName) -> bool) {
        if self.staged == 0 {
            return;
        }
        let wanted = |active: &Active| match &active.phase {
            Phase::Staged { node, .. } if which(active, node) => Some((active.run.id, node.clone())),
            _ => None,
        };
        let wanted: Vec<_> = self.active.values().filter_map(wanted).collect();
        for (id, node) in wanted {
            self.want_back(id, &node, now);
        }
    }

    pub(super) fn want_back(&mut self, id: RunId, node: &NodeName, now: Timestamp) {
        let upto = self.next_handover(now);
        self.effects.revoke(node, id, upto, &self.settings.node);
    }

    /// The run's node has begun it, or it is not there any more: from here on it is like any other.
    pub(super) fn unstage(&mut self, id: RunId, phase: Phase) {
        let Some(active) = self.active.get_mut(&id) else { return };
        if !matches!(active.phase, Phase::Staged { .. }) {
            return;
        }
        active.phase = phase;
        self.staged -= 1;
        let lane = active.lane.clone();
        self.load.execute(lane, id);
    }

    /// Whether the run waits at a node for a moment that has not come.
    pub(super) fn is_ahead(&self, id: RunId, now: Timestamp) -> bool {
        let ahead = |active: &Active| matches!(active.phase, Phase::Staged { .. }) && now < active.run.not_before;
        self.active.get(&id).is_some_and(ahead)
    }
}

/// Whether the node takes runs.
fn is_staying(member: &Member) -> bool {
    member.state == Availability::Active
}

/// Whether nothing that is known now speaks against the run when its moment comes.
fn stands(job: &Job, run: &Run) -> bool {
    let definition = &job.definition;
    definition.overlap == Overlap::Allow
        && definition.enabled
        && !job.deleted
        && job.pause.is_none()
        && job.revision == run.revision
}
