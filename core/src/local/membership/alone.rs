//! The register of a node that is alone: whoever joins is the only member. There is no lease to lose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::id::NodeName;
use crate::port::Membership;
use crate::port::membership::{Availability, Error, Member, Snapshot};

/// A register with room for one.
///
/// Its revisions start at zero with each process; [`claim_partitions`] of the store lifts epochs above those of earlier
/// ones.
///
/// [`claim_partitions`]: crate::port::store::Runs::claim_partitions
#[derive(Debug, Default)]
pub struct LocalMembership {
    current: Mutex<Snapshot>,
    // Wakes in the order of waiting, which a `watch` does not, so that a simulation replays.
    changed: Notify,
}

impl LocalMembership {
    fn current(&self) -> MutexGuard<'_, Snapshot> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, members: Vec<Member>) {
        let mut current = self.current();
        if *current.members != members {
            *current = Snapshot { revision: current.revision + 1, members: Arc::new(members) };
            self.changed.notify_waiters();
        }
    }
}

#[async_trait]
impl Membership for LocalMembership {
    async fn join(&self, member: Member) -> Result<(), Error> {
        self.replace(vec![member]);
        Ok(())
    }

    async fn leave(&self) -> Result<(), Error> {
        self.replace(Vec::new());
        Ok(())
    }

    async fn set_state(&self, name: &NodeName, state: Availability) -> Result<bool, Error> {
        let mut members = (*self.snapshot().members).clone();
        let Some(member) = members.iter_mut().find(|member| member.name == *name) else { return Ok(false) };
        member.state = state;
        self.replace(members);
        Ok(true)
    }

    fn snapshot(&self) -> Snapshot {
        self.current().clone()
    }

    async fn changed(&self, revision: i64) -> Snapshot {
        loop {
            // Listens before it looks, so that nothing happens unheard in between.
            let changed = self.changed.notified();
            let snapshot = self.snapshot();
            if snapshot.revision > revision {
                return snapshot;
            }
            changed.await;
        }
    }

    fn holds_lease(&self) -> bool {
        !self.current().members.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    #[tokio::test]
    async fn keeps_the_contract_of_membership() {
        suite::membership::one_node(&LocalMembership::default()).await;
    }
}
