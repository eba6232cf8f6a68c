//! The loop that keeps to the partitions that rendezvous hashing over the living schedulers gives this node.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::id::{Epoch, Partition};
use cronbus_core::port::membership::Snapshot;
use cronbus_core::port::store::Claim;
use cronbus_core::route;

use super::actor::Mind;
use crate::dispatcher::{Adopt, Disown, MembersChanged};

/// Between two tries to take partitions over.
const RETRY: Duration = Duration::from_millis(500);

/// How long the dispatcher may take to find the unfinished runs of partitions taken over.
const ADOPTION: Duration = Duration::from_secs(600);

impl Mind {
    /// Follows the members, for ever.
    pub(super) async fn keep_owning(self: Rc<Self>) {
        let membership = &self.setup.ports.membership;
        let mut snapshot = membership.snapshot();
        loop {
            let settled = self.follow(&snapshot).await;
            snapshot = tokio::select! {
                biased;
                snapshot = membership.changed(snapshot.revision) => snapshot,
                () = self.setup.ports.clock.sleep(RETRY), if !settled => membership.snapshot(),
                () = self.own.nudged() => {
                    // Fenced: whoever has the partition now will be seen among the members soon.
                    self.setup.ports.clock.sleep(RETRY).await;
                    membership.snapshot()
                }
            };
        }
    }

    /// Takes over and gives up what the members ask for; false when it has to be tried again.
    async fn follow(&self, snapshot: &Snapshot) -> bool {
        self.planner.borrow_mut().members_changed(&snapshot.members);
        let told = self.setup.dispatcher.tell(MembersChanged(snapshot.clone())).await;
        let wanted = route::owned_by(&self.setup.node, &snapshot.members);
        let gone = except(&self.owned.borrow(), &wanted);
        if !gone.is_empty() {
            self.give_up(&gone).await;
        }
        let new = except(&wanted, &self.owned.borrow());
        let taken = new.is_empty() || self.take_over(&new, Epoch(snapshot.revision)).await;
        self.setup.figures.partitions.set(i64::try_from(self.owned.borrow().len()).unwrap_or(0));
        self.plan.nudge();
        told.is_ok() && taken
    }

    async fn give_up(&self, gone: &[Partition]) {
        self.planner.borrow_mut().disown(gone);
        self.owned.borrow_mut().retain(|partition| !gone.contains(partition));
        // A dispatcher that has ended has given everything up.
        let _ = self.setup.dispatcher.tell(Disown(gone.to_vec())).await;
    }

    async fn take_over(&self, new: &[Partition], at_least: Epoch) -> bool {
        let Some(claims) = self.claim(new, at_least).await else { return false };
        // What runs must be known before it is decided what overlaps with it.
        if let Err(error) = self.setup.dispatcher.ask(Adopt(new.to_vec()), ADOPTION).await {
            tracing::warn!(%error, "partitions are not taken over yet");
            return false;
        }
        self.planner.borrow_mut().own(&claims);
        self.owned.borrow_mut().extend_from_slice(new);
        tracing::info!(partitions = new.len(), "partitions taken over");
        true
    }

    async fn claim(&self, new: &[Partition], at_least: Epoch) -> Option<Vec<Claim>> {
        let claimed = self.setup.ports.store.claim_partitions(new, &self.setup.node, at_least).await;
        claimed.inspect_err(|error| tracing::warn!(%error, "partitions cannot be taken over")).ok()
    }
}

fn except(all: &[Partition], without: &[Partition]) -> Vec<Partition> {
    all.iter().filter(|partition| !without.contains(partition)).copied().collect()
}
