//! How often an address may fail to sign in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many failures in a row an address may have within [`WINDOW`].
const ALLOWED: u32 = 10;

/// How long a failure is remembered, counted from the first one.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// How many addresses are remembered; the one whose window ends first is forgotten for another.
const ADDRESSES: usize = 10_000;

/// The failures of each address.
#[derive(Debug)]
pub(crate) struct Attempts {
    allowed: u32,
    known: Mutex<HashMap<IpAddr, Failures>>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::allowing(ALLOWED)
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    since: Duration,
}

impl Attempts {
    /// So many in a row.
    pub(crate) fn allowing(allowed: u32) -> Self {
        Self { allowed, known: Mutex::default() }
    }

    /// Counts a try at `now` (monotonic).
    ///
    /// # Errors
    /// When there were too many: how long to wait.
    pub(crate) fn begin(&self, from: IpAddr, now: Duration) -> Result<(), Duration> {
        let from = neighbourhood(from);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, failures| now < failures.since + WINDOW);
        if known.len() >= ADDRESSES && !known.contains_key(&from) {
            forget_oldest(&mut known);
        }
        let failures = known.entry(from).or_insert(Failures { count: 0, since: now });
        if failures.count >= self.allowed {
            return Err((failures.since + WINDOW).saturating_sub(now));
        }
        failures.count += 1;
        Ok(())
    }

    /// The try succeeded: what went before does not count any more.
    pub(crate) fn succeeded(&self, from: IpAddr) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&neighbourhood(from));
    }
}

fn forget_oldest(known: &mut HashMap<IpAddr, Failures>) {
    let oldest = known.iter().min_by_key(|(_, failures)| failures.since).map(|(address, _)| *address);
    if let Some(address) = oldest {
        known.remove(&address);
    }
}

/// Who has one IPv6 address has 2^64 of them (RFC 6177): they count as one.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & (u128::MAX << 64)).into()),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_waits_after_ten_failures_and_others_do_not() {
        let attempts = Attempts::default();
        let at = Duration::from_secs;
        for _ in 0..ALLOWED {
            assert_eq!(attempts.begin(ip("10.0.0.1"), at(1)), Ok(()));
        }
        assert_eq!(attempts.begin(ip("10.0.0.1"), at(2)), Err(at(299)));
        assert_eq!(attempts.begin(ip("::ffff:10.0.0.1"), at(2)), Err(at(299)), "the same, written otherwise");
        assert_eq!(attempts.begin(ip("10.0.0.2"), at(2)), Ok(()));
        assert_eq!(attempts.begin(ip("10.0.0.1"), at(301)), Ok(()));
    }

    #[test]
    fn success_forgets_and_neighbours_count_as_one() {
        let attempts = Attempts::default();
        for _ in 0..3 * ALLOWED {
            assert_eq!(attempts.begin(ip("2001:db8::1"), Duration::ZERO), Ok(()));
            attempts.succeeded(ip("2001:db8::2"));
        }
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let attempts = Attempts::default();
        for number in 0..u32::try_from(ADDRESSES).unwrap() + 10 {
            attempts.begin(IpAddr::V4(number.into()), Duration::from_millis(number.into())).unwrap();
        }
        assert_eq!(attempts.known.lock().unwrap().len(), ADDRESSES);
    }
}
