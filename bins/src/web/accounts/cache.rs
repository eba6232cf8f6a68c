//! Who somebody was a moment ago, so that not every request asks the store. What changes at this node is forgotten at once;
//! what changes at another is noticed when the moment is over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::account::SecretHash;

use crate::web::session::Principal;

/// How long it is believed.
const MOMENT: Duration = Duration::from_secs(2);

/// How many are remembered; then all are asked about anew.
const MOST: usize = 10_000;

/// Who showed which secret.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<SecretHash, (Duration, Principal)>>);

impl Cache {
    /// Who showed it a moment before `now` (monotonic).
    pub(crate) fn get(&self, hash: &SecretHash, now: Duration) -> Option<Principal> {
        let known = self.lock();
        known.get(hash).filter(|(since, _)| now < *since + MOMENT).map(|(_, principal)| principal.clone())
    }

    /// Remembers it.
    pub(crate) fn put(&self, hash: SecretHash, principal: Principal, now: Duration) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, (now, principal));
    }

    /// Believes nothing any more.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, (Duration, Principal)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_ends_and_so_does_everything_that_is_cleared() {
        let (cache, hash, at) = (Cache::default(), SecretHash::of("a"), Duration::from_secs);
        cache.put(hash, Principal::admin(), at(10));
        assert!(cache.get(&hash, at(11)).is_some());
        assert!(cache.get(&hash, at(12)).is_none());
        assert!(cache.get(&SecretHash::of("b"), at(11)).is_none());
        cache.clear();
        assert!(cache.get(&hash, at(11)).is_none());
    }
}
