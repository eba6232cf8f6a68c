//! Until when this node may act for what it owns.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// How much of its time to live a lease is trusted for, in tenths: clocks do not all run at the same rate, and whoever
/// looks at the lease acts a little later.
const TRUSTED_TENTHS: u32 = 9;

/// Time since the machine was started, suspended or not; the end of time when the system does not say, so that nothing
/// is trusted then.
pub(super) fn now() -> Duration {
    let read = clock_gettime(ClockId::CLOCK_BOOTTIME);
    read.map_or(Duration::MAX, Duration::from)
}

/// The lease that this node holds, if any. Read by everybody, written by the keeper.
#[derive(Debug, Default)]
pub(super) struct Lease {
    held: Mutex<Option<Held>>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    number: i64,
    until: Duration,
}

impl Lease {
    /// A request to keep it, sent at `sent`, was confirmed: it lives for `time_to_live` from then at the least.
    pub(super) fn confirm(&self, number: i64, sent: Duration, time_to_live: Duration) {
        let until = sent.saturating_add(time_to_live * TRUSTED_TENTHS / 10);
        *self.held() = Some(Held { number, until });
    }

    /// It is over, or about to be.
    pub(super) fn end(&self) {
        *self.held() = None;
    }

    /// Its number, if it can still be trusted at `now`.
    pub(super) fn trusted_at(&self, now: Duration) -> Option<u64> {
        self.held().filter(|held| now < held.until).map(|held| held.number.cast_unsigned())
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn is_trusted_from_the_sending_of_what_was_confirmed_and_not_to_the_end() {
        let lease = Lease::default();
        assert_eq!(lease.trusted_at(at(0)), None);
        lease.confirm(7, at(100), at(10));
        assert_eq!(lease.trusted_at(at(108)), Some(7));
        assert_eq!(lease.trusted_at(at(109)), None);
        assert_eq!(lease.trusted_at(Duration::MAX), None);
        lease.confirm(7, at(105), at(10));
        assert_eq!(lease.trusted_at(at(113)), Some(7));
        lease.end();
        assert_eq!(lease.trusted_at(at(105)), None);
    }

    #[test]
    fn the_clock_goes_on() {
        let before = now();
        assert!(before < Duration::MAX && now() >= before);
    }
}
