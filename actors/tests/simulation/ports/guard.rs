//! The guard: away now and then, and flushed behind everybody's back.

use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::Guard;
use cronbus_core::port::guard::Error;

use super::Way;
use crate::plan::Fault;

#[derive(Debug)]
pub(crate) struct Frail(pub(crate) Way);

impl Frail {
    async fn reach(&self) -> Result<(), Error> {
        self.0.life.pass().await;
        if self.0.world.is_away("guard") || self.0.world.strikes(Fault::GuardAway) {
            return Err(Error { reason: "simulated".to_owned() });
        }
        Ok(())
    }
}

#[async_trait]
impl Guard for Frail {
    async fn claim(&self, ids: &[RunId], holder: &NodeName, lease: Duration) -> Result<Vec<bool>, Error> {
        self.reach().await?;
        let claimed = self.0.world.guard().claim(ids, holder, lease).await;
        self.0.life.pass().await;
        claimed
    }

    async fn confirm(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        self.reach().await?;
        let confirmed = self.0.world.guard().confirm(ids, holder).await;
        self.0.life.pass().await;
        confirmed
    }

    async fn release(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        self.reach().await?;
        self.0.world.guard().release(ids, holder).await
    }
}
