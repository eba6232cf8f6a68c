//! What is measured at a mailbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use cronbus_core::port::operations::ActorStatus;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The figures of one mailbox, shared by all its clones, its inlet and its supervisor.
#[derive(Debug)]
pub struct Gauges {
    name: Arc<str>,
    capacity: usize,
    room: Arc<Semaphore>,
    handled: AtomicU64,
    handling_us: AtomicU64,
    backpressure_us: AtomicU64,
    restarts: AtomicU64,
}

impl Gauges {
    pub(super) fn new(name: &str, capacity: usize) -> Self {
        let capacity = capacity.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            name: name.into(),
            capacity,
            room: Arc::new(Semaphore::new(capacity)),
            handled: AtomicU64::new(0),
            handling_us: AtomicU64::new(0),
            backpressure_us: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
        }
    }

    /// Whose they are.
    #[must_use]
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many messages the mailbox holds, those being handled included.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many messages were sent and are not handled yet.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.capacity.saturating_sub(self.room.available_permits())
    }

    /// The figures as observers see them; the actor's own counters are added by [`crate::observe::Observer`].
    #[must_use]
    pub fn status(&self) -> ActorStatus {
        ActorStatus {
            name: self.name.to_string(),
            queued: self.queued() as u64,
            capacity: self.capacity as u64,
            handled: self.handled.load(Relaxed),
            handling_us: self.handling_us.load(Relaxed),
            backpressure_us: self.backpressure_us.load(Relaxed),
            restarts: self.restarts.load(Relaxed),
            counters: std::collections::BTreeMap::new(),
        }
    }

    pub(super) const fn room(&self) -> &Arc<Semaphore> {
        &self.room
    }

    pub(super) fn handled(&self, took: Duration) {
        self.handled.fetch_add(1, Relaxed);
        self.handling_us.fetch_add(micros(took), Relaxed);
    }

    pub(crate) fn restarted(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    /// Starts to count the time that a sender waits for room, until the result is dropped.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        Waiting { gauges: self, since: Instant::now() }
    }
}

/// A sender that waits for room.
pub(super) struct Waiting<'a> {
    gauges: &'a Gauges,
    since: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.gauges.backpressure_us.fetch_add(micros(self.since.elapsed()), Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
