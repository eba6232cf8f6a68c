//! The register of members as one life reaches it. What goes wrong with leases is done to the connection itself.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::id::NodeName;
use cronbus_core::port::Membership;
use cronbus_core::port::membership::{Availability, Error, Member, Snapshot};

use super::Way;

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) way: Way,
    pub(crate) members: Arc<dyn Membership>,
}

#[async_trait]
impl Membership for Frail {
    async fn join(&self, member: Member) -> Result<(), Error> {
        self.way.life.pass().await;
        let joined = self.members.join(member).await;
        self.way.life.pass().await;
        joined
    }

    async fn leave(&self) -> Result<(), Error> {
        self.way.life.pass().await;
        self.members.leave().await
    }

    async fn set_state(&self, name: &NodeName, state: Availability) -> Result<bool, Error> {
        self.way.life.pass().await;
        self.members.set_state(name, state).await
    }

    fn snapshot(&self) -> Snapshot {
        self.members.snapshot()
    }

    async fn changed(&self, revision: i64) -> Snapshot {
        self.members.changed(revision).await;
        self.way.life.be_well().await;
        self.members.snapshot()
    }

    fn holds_lease(&self) -> bool {
        self.members.holds_lease()
    }

    fn lease(&self) -> Option<u64> {
        self.members.lease()
    }
}
