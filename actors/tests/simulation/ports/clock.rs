//! The clock as one node sees it. A node that is halted sleeps on, whatever the hour.

use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;

use super::Way;

#[derive(Debug)]
pub(crate) struct Seen(pub(crate) Way);

#[async_trait]
impl Clock for Seen {
    fn now(&self) -> Timestamp {
        self.0.host.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.host.clock.monotonic()
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.0.host.clock.sleep_until(at).await;
        self.0.life.be_well().await;
    }

    async fn sleep(&self, period: Duration) {
        self.0.host.clock.sleep(period).await;
        self.0.life.be_well().await;
    }
}
