//! The create-once guard of one process: a table of leases.
//!
//! In one process it has little to do, since there is one dispatcher for each partition; it is here so that the same
//! code runs with and without Redis.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::id::{NodeName, RunId};
use crate::port::guard::Error;
use crate::port::{Clock, Guard};

/// How many leases are remembered at the most: a few seconds of the largest load.
const DEFAULT_CAPACITY: usize = 2_000_000;
/// Below this many leases, ended ones are not looked for.
const FEW: usize = 1024;
/// They are looked for no more often than this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Leases in memory, ended by the monotonic clock. A confirmed lease is forgotten at once: from then on the store's
/// primary key answers.
#[derive(Debug)]
pub struct LocalGuard {
    clock: Arc<dyn Clock>,
    leases: Mutex<Leases>,
}

impl LocalGuard {
    /// A guard without leases.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, DEFAULT_CAPACITY)
    }

    /// A guard that remembers at most so many leases. A claim beyond that is granted and forgotten, which costs work
    /// in the store and nothing else.
    #[must_use]
    pub fn with_capacity(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, leases: Mutex::new(Leases::new(capacity)) }
    }

    fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Guard for LocalGuard {
    async fn claim(&self, ids: &[RunId], holder: &NodeName, lease: Duration) -> Result<Vec<bool>, Error> {
        let now = self.clock.monotonic();
        let mut leases = self.leases();
        leases.forget_ended(now, ids.len());
        Ok(ids.iter().map(|&id| leases.claim(id, holder, now, now.saturating_add(lease))).collect())
    }

    async fn confirm(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        self.leases().remove(ids, holder);
        Ok(())
    }

    async fn release(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        self.leases().remove(ids, holder);
        Ok(())
    }
}

#[derive(Debug)]
struct Lease {
    holder: NodeName,
    ends: Duration,
}

#[derive(Debug)]
struct Leases {
    by_run: HashMap<RunId, Lease>,
    capacity: usize,
    /// When the table reaches this size, ended leases are looked for.
    look_at: usize,
    /// Nor before this: a table that is full of leases that last is not searched at every claim.
    look_not_before: Duration,
}

impl Leases {
    fn new(capacity: usize) -> Self {
        Self { by_run: HashMap::new(), capacity, look_at: FEW.min(capacity), look_not_before: Duration::ZERO }
    }

    fn claim(&mut self, id: RunId, holder: &NodeName, now: Duration, ends: Duration) -> bool {
        let is_full = self.by_run.len() >= self.capacity;
        match self.by_run.entry(id) {
            Entry::Occupied(taken) if taken.get().ends > now && taken.get().holder != *holder => false,
            Entry::Occupied(mut mine) => {
                mine.insert(Lease { holder: holder.clone(), ends });
                true
            }
            Entry::Vacant(_) if is_full => true,
            Entry::Vacant(free) => {
                free.insert(Lease { holder: holder.clone(), ends });
                true
            }
        }
    }

    fn remove(&mut self, ids: &[RunId], holder: &NodeName) {
        for id in ids {
            if let Entry::Occupied(lease) = self.by_run.entry(*id)
                && lease.get().holder == *holder
            {
                lease.remove();
            }
        }
    }

    /// Makes room for `more`. The next look comes when the table has doubled, so that looking stays cheap.
    fn forget_ended(&mut self, now: Duration, more: usize) {
        if self.by_run.len().saturating_add(more) <= self.look_at || now < self.look_not_before {
            return;
        }
        self.by_run.retain(|_, lease| lease.ends > now);
        self.look_not_before = now.saturating_add(LOOK_AGAIN);
        self.look_at = self.by_run.len().saturating_mul(2).max(FEW).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::id::{Attempt, JobId, Slot};
    use crate::local::clock::VirtualClock;
    use crate::suite;
    use crate::time::Timestamp;

    const LEASE: Duration = Duration::from_secs(10);

    fn ids(jobs: std::ops::Range<i64>) -> Vec<RunId> {
        jobs.map(|job| Slot::new(JobId(job), Timestamp::EPOCH).run_id(Attempt::FIRST)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_the_contract_of_guards() {
        let clock = Arc::new(VirtualClock::new(Timestamp::EPOCH));
        suite::guard::keeps_its_contract(&LocalGuard::new(clock.clone()), &*clock).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_guard_grants_and_forgets_and_makes_room_from_ended_leases() {
        let clock = Arc::new(VirtualClock::new(Timestamp::EPOCH));
        let guard = LocalGuard::with_capacity(clock.clone(), 4);
        let (a, b) = (NodeName::new("a").unwrap(), NodeName::new("b").unwrap());
        let claim = |holder: &NodeName, jobs| guard.claim(&ids(jobs), holder, LEASE).now_or_never().unwrap().unwrap();
        assert_eq!(claim(&a, 0..6), [true; 6]);
        assert_eq!(claim(&b, 0..6), [false, false, false, false, true, true]);
        clock.sleep(LEASE).await;
        assert_eq!(claim(&b, 4..8), [true; 4]);
        assert_eq!(claim(&a, 4..8), [false; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_never_confirmed_does_not_pile_up() {
        let clock = Arc::new(VirtualClock::new(Timestamp::EPOCH));
        let guard = LocalGuard::new(clock.clone());
        let a = NodeName::new("a").unwrap();
        for batch in 0..200 {
            guard.claim(&ids(batch * 100..(batch + 1) * 100), &a, LEASE).await.unwrap();
            clock.sleep(Duration::from_secs(1)).await;
        }
        let remembered = guard.leases().by_run.len();
        assert!(remembered <= 3_000, "{remembered}");
    }
}
