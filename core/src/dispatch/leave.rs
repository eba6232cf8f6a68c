//! Leave to begin, and what follows from never having given it.
//!
//! ```text
//!   handed over ──▶ node: ready ──▶ here: does the node still have it? ─┬─ yes ─▶ noted, then: begin
//!                                                                       └─ no ──▶ wanted back
//!   node gone ─┬─ no leave was given ─▶ another node's at once
//!              └─ else, or not known ─▶ lost, once the node is gone for long enough
//! ```
//!
//! That nobody begins a run without leave makes what happens here the only thing to go by: neither clocks nor leases nor
//! the order of messages matter. What a node was told before this dispatcher had the run is not known here, so such a run
//! counts as begun. A node that is alone with its dispatcher asks for nothing: its spool tells its next life.

use crate::id::{NodeName, RunId};
use crate::run::{State, Verdict};
use crate::time::Timestamp;
use crate::wire::{Handover, Report};

use super::active::{Active, Phase};
use super::machine::{self, Dispatch, holder};

/// How soon runs that were taken from a node that is gone are looked at again: the store has to know first.
const RETURN: std::time::Duration = std::time::Duration::from_millis(100);

impl Dispatch {
    /// Whether the node asks before it begins.
    pub(super) fn gives_leave_to(&self, node: &NodeName) -> bool {
        self.settings.handover == machine::Handover::Recorded
            && self.member(node).is_some_and(|member| member.waits_for_leave)
    }

    /// A node has a slot for the run and asks whether it may begin.
    pub(super) fn ready(&mut self, node: &NodeName, run: RunId, handover: Handover, now: Timestamp) {
        let Some(active) = self.active.get(&run) else {
            return self.ask_store(node, run, Report::Ready { run, handover });
        };
        if !active.is_out() || holder(active).as_ref() != Some(node) {
            return self.want_back_upto(run, node, handover);
        }
        if active.phase == Phase::Recording || !none_is_later(active, handover) {
            // It went elsewhere, or away and back, since this hand-over.
            return self.want_back_upto(run, node, handover);
        }
        // Its moment has come, by the clock there.
        self.unstage(run, Phase::Held { since: now });
        self.accepted(node, run, handover, now);
        let Some(active) = self.active.get_mut(&run) else { return };
        if active.killed.is_none() {
            active.may_have_begun = true;
            self.effects.begin(node, run, handover);
        }
    }

    /// The node waits for leave to begin what is not its own any more.
    pub(super) fn want_back_upto(&mut self, run: RunId, node: &NodeName, handover: Handover) {
        self.effects.revoke(node, run, handover, &self.settings.node);
    }

    /// Takes a run from a node that is gone, if that cannot have begun it. Returns whether it could.
    pub(super) fn reclaim(&mut self, id: RunId, node: &NodeName, now: Timestamp) -> bool {
        let is_certain = |active: &&Active| !active.may_have_begun && active.run.state == State::Assigned;
        let Some(active) = self.active.get(&id).filter(is_certain) else { return false };
        let killed = active.killed.clone();
        let was_staged = self.take_back(node, id);
        if let Some(reason) = killed {
            self.answer(id, Verdict::Killed, reason, now);
            return true;
        }
        self.counts.rerouted += 1;
        self.next_round = self.next_round.min(now + RETURN);
        if was_staged {
            self.wait_again(id);
        }
        true
    }
}

/// Whether no later hand-over of the run to its node is known than this one.
fn none_is_later(active: &Active, handover: Handover) -> bool {
    if active.handover == Some(active.settled) { handover == active.settled } else { Some(handover) >= active.handover }
}
