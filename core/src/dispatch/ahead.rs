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
//! they stand, where this dispatcher is the only one and the executor's clock is its own.

use std::sync::Arc;

use crate::id::{JobId, NodeName, RunId};
use crate::job::{Job, Overlap};
use crate::port::membership::{Availability, Member};
use crate::run::{Run, State, Trigger};
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
            match self.place_ahead(&run, now) {
                Some((node, job)) => self.stage(run, &node, &job, now),
                None => self.created(vec![run]),
            }
        }
    }

    /// The node to stage a run at, and its job, if it may be staged.
    fn place_ahead(&mut self, run: &Run, now: Timestamp) -> Option<(NodeName, Arc<Job>)> {
        let is_sole = self.settings.handover == Handover::Sole && !self.closed && self.catalog_complete;
        if !is_sole
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
        let active = |member: &&Member| member.state == Availability::Active;
        let staying: Vec<NodeName> = self.members.iter().filter(active).map(|member| member.name.clone()).collect();
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

/// Whether nothing that is known now speaks against the run when its moment comes.
fn stands(job: &Job, run: &Run) -> bool {
    let definition = &job.definition;
    definition.overlap == Overlap::Allow
        && definition.enabled
        && !job.deleted
        && job.pause.is_none()
        && job.revision == run.revision
}
