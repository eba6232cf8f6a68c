//! A clock for simulations: it follows the time of the tokio runtime, which a test pauses and which then jumps from
//! timer to timer, and its wall clock is set as the test likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::port::Clock;
use crate::time::Timestamp;

/// A clock over tokio's time, to be used on a runtime that was built with `start_paused`.
///
/// Clones are the same clock. [`VirtualClock::view`] makes another one, which shows the same until one of them jumps:
/// each simulated machine has its own.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    started: Instant,
    start: Timestamp,
    ahead: Arc<Ahead>,
}

/// How far a wall clock is ahead of where it would be.
#[derive(Debug, Default)]
struct Ahead {
    ms: AtomicI64,
    // Wakes in the order of waiting, which a `watch` does not, so that a simulation replays.
    jumped: Notify,
}

impl VirtualClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { started: Instant::now(), start, ahead: Arc::default() }
    }

    /// Another clock that shows what this one shows, and is set by itself from then on.
    #[must_use]
    pub fn view(&self) -> Self {
        let ms = AtomicI64::new(self.ahead.ms.load(Relaxed));
        Self { ahead: Arc::new(Ahead { ms, jumped: Notify::new() }), ..*self }
    }

    /// Sets the wall clock ahead, or back, by so many milliseconds. Whoever waits for a moment that it now shows or
    /// has passed is woken. The monotonic clock does not notice.
    pub fn jump(&self, ms: i64) {
        self.ahead.ms.store(self.ahead.ms.load(Relaxed).saturating_add(ms), Relaxed);
        self.ahead.jumped.notify_waiters();
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let shown = self.start + self.monotonic();
        Timestamp::from_millis(shown.millis().saturating_add(self.ahead.ms.load(Relaxed)))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            // Listens before it looks, so that no jump goes unheard in between.
            let jumped = self.ahead.jumped.notified();
            let left = at.since(self.now());
            if left.is_zero() {
                return;
            }
            // In a fixed order, so that a simulation replays.
            tokio::select! {
                biased;
                () = tokio::time::sleep(left) => {}
                () = jumped => {}
            }
        }
    }

    async fn sleep(&self, period: Duration) {
        tokio::time::sleep(period).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_348_800);

    #[tokio::test(start_paused = true)]
    async fn keeps_the_contract_of_clocks() {
        suite::clock::keeps_its_contract(&VirtualClock::new(NOON)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_day_passes_in_a_moment_to_the_millisecond() {
        let clock = VirtualClock::new(NOON);
        let tomorrow = NOON + Duration::from_secs(86_400);
        clock.sleep_until(tomorrow).await;
        assert_eq!(clock.now(), tomorrow);
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_wakes_whose_moment_has_come_and_one_back_makes_wait_longer() {
        let clock = VirtualClock::new(NOON);
        let sleeper = clock.clone();
        let at = NOON + Duration::from_secs(100);
        let woken = tokio::spawn(async move {
            sleeper.sleep_until(at).await;
            sleeper.monotonic()
        });
        clock.sleep(Duration::from_secs(10)).await;
        clock.jump(-50_000);
        clock.sleep(Duration::from_secs(100)).await;
        assert!(!woken.is_finished(), "the wall clock shows {}", clock.now());
        clock.jump(39_999);
        tokio::task::yield_now().await;
        assert!(!woken.is_finished());
        clock.jump(1);
        assert_eq!(woken.await.unwrap(), Duration::from_secs(110));
        assert_eq!(clock.now(), at);
    }

    #[tokio::test(start_paused = true)]
    async fn each_view_is_set_by_itself() {
        let clock = VirtualClock::new(NOON);
        clock.jump(5);
        let other = clock.view();
        clock.jump(1000);
        assert_eq!(other.now(), NOON + Duration::from_millis(5));
        assert_eq!(clock.now().millis_since(other.now()), 1000);
        assert_eq!(clock.monotonic(), other.monotonic());
    }
}
