//! The loop that keeps to the partitions that rendezvous hashing over the living schedulers gives this node, and lends
//! each to the dispatcher that the same hashing gives it to.
//!
//! A partition is lent under the epoch of its claim. When its dispatcher goes, or begins another life, it is claimed
//! anew: from then on the store refuses whatever the former one still writes.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{Epoch, NodeName, Partition};
use cronbus_core::port::membership::{Member, Snapshot};
use cronbus_core::port::store::{Advance, Claim, Creation};
use cronbus_core::route;
use cronbus_core::time::Timestamp;

use super::actor::Mind;
use crate::dispatcher::Disown;

/// Between two tries to take partitions over.
const RETRY: Duration = Duration::from_millis(500);

/// One life of the dispatcher that a partition is lent to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Borrower {
    pub(super) node: NodeName,
    pub(super) life: Timestamp,
}

impl Borrower {
    fn of(member: &Member) -> Self {
        Self { node: member.name.clone(), life: member.started_at }
    }
}

/// A partition of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loan {
    pub(super) epoch: Epoch,
    pub(super) to: Borrower,
}

impl Mind {
    /// Follows the members, for ever.
    pub(super) async fn keep_owning(self: Rc<Self>) {
        let membership = &self.setup.ports.membership;
        let mut snapshot = membership.snapshot();
        loop {
            let followed = self.follow_until_changed(&mut snapshot).await;
            self.setup.figures.partitions.set(i64::try_from(self.loans.borrow().len()).unwrap_or(0));
            self.plan.nudge();
            snapshot = match followed {
                None => continue,
                Some(settled) => tokio::select! {
                    biased;
                    changed = membership.changed(snapshot.revision) => changed,
                    () = self.setup.ports.clock.sleep(RETRY), if !settled => membership.snapshot(),
                    () = self.own.nudged() => {
                        // Fenced: whoever has the partition now will be seen among the members soon.
                        self.setup.ports.clock.sleep(RETRY).await;
                        membership.snapshot()
                    }
                },
            };
        }
    }

    /// Takes over and gives up what the members ask for, whether it has to be tried again; `None` when they changed
    /// meanwhile so that what was waited for is in vain.
    async fn follow_until_changed(&self, snapshot: &mut Snapshot) -> Option<bool> {
        let asked = snapshot.clone();
        let wanted = self.wanted(&asked.members);
        let mut followed = std::pin::pin!(self.follow(&asked));
        loop {
            tokio::select! {
                biased;
                settled = &mut followed => return Some(settled),
                changed = self.setup.ports.membership.changed(snapshot.revision) => *snapshot = changed,
            }
            if self.wanted(&snapshot.members) != wanted {
                return None;
            }
            self.planner.borrow_mut().members_changed(&snapshot.members);
        }
    }

    /// Takes over and gives up what the members ask for; false when it has to be tried again.
    async fn follow(&self, snapshot: &Snapshot) -> bool {
        self.planner.borrow_mut().members_changed(&snapshot.members);
        let wanted = self.wanted(&snapshot.members);
        let gone: Vec<Partition> = {
            let loans = self.loans.borrow();
            let is_gone = |(partition, loan): &(&Partition, &Loan)| wanted.get(*partition) != Some(&loan.to);
            loans.iter().filter(is_gone).map(|(partition, _)| *partition).collect()
        };
        if !gone.is_empty() {
            self.give_up(&gone).await;
        }
        let mut new: BTreeMap<Borrower, Vec<Partition>> = BTreeMap::new();
        for (partition, borrower) in wanted {
            if !self.loans.borrow().contains_key(&partition) {
                new.entry(borrower).or_default().push(partition);
            }
        }
        let at_least = Epoch(snapshot.revision);
        let lent = new.iter().map(|(borrower, partitions)| self.take_over(borrower, partitions, at_least));
        futures::future::join_all(lent).await.into_iter().all(|taken| taken)
    }

    /// The partitions of this node that have a dispatcher.
    fn wanted(&self, members: &[Member]) -> BTreeMap<Partition, Borrower> {
        let owned = route::owned_by(&self.setup.node, members).into_iter();
        owned
            .filter_map(|partition| Some((partition, Borrower::of(route::dispatcher_of(partition, members)?))))
            .collect()
    }

    async fn give_up(&self, gone: &[Partition]) {
        self.planner.borrow_mut().disown(gone);
        self.loans.borrow_mut().retain(|partition, _| !gone.contains(partition));
        if let Some(dispatcher) = &self.setup.dispatcher {
            // One that has ended has given everything up.
            let _ = dispatcher.tell(Disown(gone.to_vec())).await;
        }
    }

    async fn take_over(&self, borrower: &Borrower, new: &[Partition], at_least: Epoch) -> bool {
        let Some(claims) = self.claim(new, at_least).await else { return false };
        // The watermark stays where it is; it tells since when nobody was there.
        let lend =
            |claim: &Claim| Advance { partition: claim.partition, epoch: claim.epoch, watermark: claim.watermark };
        // What runs must be known before it is decided what overlaps with it.
        let lending = Arc::new(Creation { advances: claims.iter().map(lend).collect(), ..Creation::default() });
        let Some(fenced) = self.hand(borrower, lending, || true).await else { return false };
        let claims: Vec<Claim> = claims.into_iter().filter(|claim| !fenced.contains(&claim.partition)).collect();
        self.planner.borrow_mut().own(&claims);
        let loans = claims.iter().map(|claim| (claim.partition, Loan { epoch: claim.epoch, to: borrower.clone() }));
        self.loans.borrow_mut().extend(loans);
        self.plan.nudge();
        tracing::info!(partitions = claims.len(), dispatcher = %borrower.node, "partitions taken over");
        fenced.is_empty()
    }

    async fn claim(&self, new: &[Partition], at_least: Epoch) -> Option<Vec<Claim>> {
        let claimed = self.setup.store.claim_partitions(new, &self.setup.node, at_least).await;
        claimed.inspect_err(|error| tracing::warn!(%error, "partitions cannot be taken over")).ok()
    }
}
