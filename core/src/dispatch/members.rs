//! Nodes that come, go and are born again; what they have; and how they are asked.

use std::time::Duration;

use crate::duration::Period;
use crate::id::{NodeName, RunId};
use crate::port::membership::{Member, Role};
use crate::time::Timestamp;
use crate::wire;

use super::active::{Active, Phase};
use super::machine::{Dispatch, holder};

/// How far the clock of a predecessor may have been ahead of this node's.
const CLOCKS_APART: Duration = Duration::from_secs(60);

impl Dispatch {
    /// Which nodes live.
    pub fn members_changed(&mut self, members: &[Member], now: Timestamp) {
        let before = std::mem::replace(&mut self.members, members.to_vec());
        for member in &before {
            if !members.iter().any(|other| other.name == member.name) {
                self.gone_since.insert(member.name.clone(), now);
            }
        }
        for member in members {
            let back = self.gone_since.remove(&member.name).is_some();
            let reborn = before.iter().any(|old| old.name == member.name && old.started_at != member.started_at);
            if back || reborn {
                self.inquire_all(&member.name, now);
            }
        }
        self.revoke_from_leaving(now);
        self.next_round = now;
    }

    pub(super) fn member(&self, name: &NodeName) -> Option<&Member> {
        self.members.iter().find(|member| member.name == *name && member.has(Role::Executor))
    }

    pub(super) fn count_running(&mut self, node: &NodeName, by: i32) {
        let count = self.running.entry(node.clone()).or_default();
        *count = count.saturating_add_signed(by);
        if *count == 0 {
            self.running.remove(node);
        }
    }

    pub(super) fn node_is_gone(&mut self, id: RunId, node: &NodeName, now: Timestamp) {
        if self.reclaim(id, node, now) {
            return;
        }
        if self.is_gone_for_good(node, now) {
            let patience = Period(self.settings.lost_after);
            let reason = format!("node `{node}` was gone for more than {patience} after its lease had ended");
            self.lose(id, reason, now);
        }
    }

    /// Whether a node that is not there is not waited for any more.
    pub(super) fn is_gone_for_good(&mut self, node: &NodeName, now: Timestamp) -> bool {
        let since = self.gone_since.entry(node.clone()).or_insert(now);
        // The clock may have been set back.
        *since = now.min(*since);
        now >= *since + self.settings.lost_after
    }

    /// Forgets nodes whose runs have all been given up.
    pub(super) fn forget_gone(&mut self, now: Timestamp) {
        let patience = self.settings.lost_after + 2 * self.settings.reroute_every;
        self.gone_since.retain(|_, since| now < *since + patience);
    }

    fn inquire_all(&mut self, node: &NodeName, now: Timestamp) {
        let ids: Vec<_> = self
            .active
            .values()
            .filter(|active| active.is_out() && active.phase != Phase::Recording)
            .filter(|active| holder(active).as_ref() == Some(node))
            .map(|active| active.run.id)
            .collect();
        for id in ids {
            self.inquire(id, node, now);
        }
    }

    /// Asks for all runs of which no node has said a word yet.
    pub(super) fn inquire_unknown(&mut self, now: Timestamp) {
        let unknown = |active: &Active| match &active.phase {
            Phase::Unknown { node, .. } => Some((active.run.id, node.clone())),
            _ => None,
        };
        let unknown: Vec<_> = self.active.values().filter_map(unknown).collect();
        for (id, node) in unknown {
            self.inquire(id, &node, now);
        }
    }

    pub(super) fn inquire(&mut self, id: RunId, node: &NodeName, now: Timestamp) {
        let upto = self.next_handover(now);
        if let Some(active) = self.active.get_mut(&id) {
            active.phase = match active.phase {
                Phase::Staged { .. } => Phase::Staged { node: node.clone(), asked: now },
                _ => Phase::Unknown { node: node.clone(), asked: now },
            };
            self.effects.inquire(node, id, upto, &self.settings.node);
        }
    }

    /// A number larger than all before it: nanoseconds, so that it does not run ahead of the clock.
    pub(super) fn next_handover(&mut self, now: Timestamp) -> wire::Handover {
        let clock = now.millis().saturating_mul(1_000_000);
        self.last_handover = wire::Handover(clock.max(self.last_handover.0.saturating_add(1)));
        self.last_handover
    }

    /// Makes the numbers from here on larger than those of whoever had the runs before.
    pub(super) fn outrun_predecessor(&mut self, now: Timestamp) {
        let _skipped = self.next_handover(now + CLOCKS_APART);
    }
}
