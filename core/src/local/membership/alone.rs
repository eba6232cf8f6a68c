//! The register of a node that is alone: whoever joins is the only member. There is no lease to lose.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::port::Membership;
use crate::port::membership::{Error, Member, Snapshot};

/// A register with room for one.
///
/// Its revisions start at zero with each process; [`claim_partitions`] of the store lifts epochs above those of earlier
/// ones.
///
/// [`claim_partitions`]: crate::port::store::Runs::claim_partitions
#[derive(Debug, Default)]
pub struct LocalMembership {
    current: watch::Sender<Snapshot>,
}

impl LocalMembership {
    fn replace(&self, members: Vec<Member>) {
        self.current.send_if_modified(|current| {
            if *current.members == members {
                return false;
            }
            *current = Snapshot { revision: current.revision + 1, members: Arc::new(members) };
            true
        });
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

    fn snapshot(&self) -> Snapshot {
        self.current.borrow().clone()
    }

    async fn changed(&self, revision: i64) -> Snapshot {
        let mut current = self.current.subscribe();
        // The sender lives as long as `self`, so the wait cannot fail.
        match current.wait_for(|current| current.revision > revision).await {
            Ok(newer) => newer.clone(),
            Err(_) => self.snapshot(),
        }
    }

    fn holds_lease(&self) -> bool {
        !self.current.borrow().members.is_empty()
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
