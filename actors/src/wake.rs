//! Waiting for an instant or for a nudge, whichever is first: what every actor's loop does between two steps.

use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use tokio::sync::Notify;

/// One loop waits; anyone on the same thread nudges it. A nudge while the loop is busy is not lost.
#[derive(Debug, Default)]
pub(crate) struct Wake(Notify);

impl Wake {
    /// Has the loop look again.
    pub(crate) fn nudge(&self) {
        self.0.notify_one();
    }

    /// Waits for a nudge.
    pub(crate) async fn nudged(&self) {
        self.0.notified().await;
    }

    /// Waits for a nudge, or until the clock shows `at`; without `at` only for a nudge.
    pub(crate) async fn nudged_or_at(&self, clock: &dyn Clock, at: Option<Timestamp>) {
        let Some(at) = at else { return self.nudged().await };
        tokio::select! {
            biased;
            () = self.nudged() => {}
            () = clock.sleep_until(at) => {}
        }
    }
}
