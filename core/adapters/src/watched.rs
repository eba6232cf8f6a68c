//! Whether a service answers, remembered and told: each outage is written to the log once, and its end once. What is
//! done about it is the adapter's business.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cronbus_core::port::Clock;
use cronbus_core::port::health::{Condition, Health, Service};
use cronbus_core::time::Timestamp;

/// A service under watch.
#[derive(Debug)]
pub struct Watched {
    service: Service,
    /// Where it is, without secrets.
    place: String,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
enum Seen {
    NotYet,
    Up(Timestamp),
    Away(Timestamp, String),
}

impl Watched {
    /// A service nobody has asked yet. `place` is shown to people: no secrets in it.
    #[must_use]
    pub fn new(service: Service, place: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { service, place: place.into(), clock, seen: Mutex::new(Seen::NotYet) }
    }

    /// It answered.
    pub fn is_up(&self) {
        let now = self.clock.now();
        let mut seen = self.seen();
        let Self { service, place, .. } = self;
        match &*seen {
            Seen::Up(_) => return,
            Seen::NotYet => tracing::info!("{service}: {place} answers"),
            Seen::Away(since, _) => {
                tracing::info!("{service}: {place} answers again, after {} s", now.since(*since).as_secs());
            }
        }
        *seen = Seen::Up(now);
    }

    /// It did not answer, or refused.
    pub fn is_away(&self, reason: &str) {
        let now = self.clock.now();
        let mut seen = self.seen();
        let Self { service, place, .. } = self;
        let since = match &*seen {
            // The newest reason may tell more than the first: a refused connection becomes a refused password.
            Seen::Away(since, _) => *since,
            _ => {
                tracing::warn!("{service}: {place} is away: {reason}. Meanwhile: {}", service.without());
                now
            }
        };
        *seen = Seen::Away(since, reason.to_owned());
    }

    /// How it is.
    #[must_use]
    pub fn health(&self) -> Health {
        let Self { service, place, .. } = self;
        let (state, since, detail) = match &*self.seen() {
            Seen::NotYet => (Condition::Away, None, format!("{place} was not asked yet")),
            Seen::Up(since) => (Condition::Up, Some(*since), place.clone()),
            Seen::Away(since, reason) => {
                (Condition::Away, Some(*since), format!("{place}: {reason}. Meanwhile: {}", service.without()))
            }
        };
        Health { service: *service, state, since, detail }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cronbus_core::local::clock::VirtualClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_moment_of_an_outage_and_its_newest_reason_are_kept() {
        let clock = Arc::new(VirtualClock::new(Timestamp::from_seconds(10)));
        let watched = Watched::new(Service::Guard, "redis://cache", clock.clone());
        assert_eq!((watched.health().state, watched.health().since), (Condition::Away, None));
        watched.is_up();
        clock.sleep(Duration::from_secs(5)).await;
        watched.is_up();
        assert_eq!(watched.health().since, Some(Timestamp::from_seconds(10)));
        watched.is_away("refused");
        clock.sleep(Duration::from_secs(5)).await;
        watched.is_away("no route");
        let health = watched.health();
        assert_eq!((health.state, health.since), (Condition::Away, Some(Timestamp::from_seconds(15))));
        assert!(health.detail.contains("no route") && health.detail.contains("still once"), "{}", health.detail);
    }
}
