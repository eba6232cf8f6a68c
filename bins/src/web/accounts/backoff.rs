//! How often a name may be tried, from whichever addresses: each failure beyond the first few doubles the wait.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cronbus_core::account::SecretHash;

/// How many failures cost nothing: people mistype.
const FREE: u32 = 5;

/// The longest wait. Whoever fails on purpose keeps a person waiting no longer than this.
const LONGEST: Duration = Duration::from_secs(300);

/// How many names are remembered; names that do not exist count alike, so that nothing is told of them.
const NAMES: usize = 10_000;

/// The failures of each name.
#[derive(Debug, Default)]
pub(crate) struct Backoff(Mutex<HashMap<SecretHash, Failures>>);

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    until: Duration,
}

impl Backoff {
    /// Counts a try at `now` (monotonic) as a failure until it has succeeded.
    ///
    /// # Errors
    /// When it comes too soon: how long to wait.
    pub(crate) fn begin(&self, name: &str, now: Duration) -> Result<(), Duration> {
        let key = SecretHash::of(&name.to_ascii_lowercase());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= NAMES && !known.contains_key(&key) {
            known.retain(|_, failures| now < failures.until);
            if known.len() >= NAMES {
                return Err(LONGEST);
            }
        }
        let failures = known.entry(key).or_default();
        if now < failures.until {
            return Err(failures.until.saturating_sub(now));
        }
        if failures.count > 0 && now >= failures.until + 2 * LONGEST {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        let wait = failures.count.checked_sub(FREE).map_or(Duration::ZERO, |beyond| {
            Duration::from_secs(1_u64.checked_shl(beyond).unwrap_or(u64::MAX)).min(LONGEST)
        });
        failures.until = now + wait;
        Ok(())
    }

    /// The try succeeded.
    pub(crate) fn succeeded(&self, name: &str) {
        let key = SecretHash::of(&name.to_ascii_lowercase());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_beyond_the_first_few_doubles_the_wait() {
        let backoff = Backoff::default();
        let mut now = Duration::from_secs(1000);
        let mut waits = Vec::new();
        for _ in 0..20 {
            backoff.begin("anna", now).unwrap();
            match backoff.begin("ANNA", now) {
                Ok(()) => {}
                Err(wait) => {
                    waits.push(wait.as_secs());
                    now += wait;
                }
            }
        }
        assert_eq!(waits.get(..4), Some(&[1, 2, 4, 8][..]));
        assert_eq!(waits.last(), Some(&300));
        assert_eq!(backoff.begin("ben", now), Ok(()), "others do not wait");
        backoff.begin("anna", now).unwrap();
        backoff.succeeded("anna");
        assert_eq!(backoff.begin("anna", now), Ok(()));
    }

    #[test]
    fn many_names_do_not_fill_the_memory() {
        let backoff = Backoff::default();
        for number in 0..NAMES + 10 {
            let _ = backoff.begin(&number.to_string(), Duration::ZERO);
        }
        assert!(backoff.0.lock().unwrap().len() <= NAMES);
    }
}
