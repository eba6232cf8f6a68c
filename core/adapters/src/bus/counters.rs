//! What the bus did.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened, counted since the start. They only grow.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages that the server took.
    pub published: AtomicU64,
    /// Bytes of those, with seals.
    pub published_bytes: AtomicU64,
    /// Tries to publish that failed.
    pub failed: AtomicU64,
    /// How often a sender waited because too many messages waited for the receiver.
    pub waited: AtomicU64,
    /// Messages that were handed over.
    pub received: AtomicU64,
    /// Messages that the server delivered again although they had been handed over.
    pub redelivered: AtomicU64,
    /// How often the connection was made, the first time included.
    pub connected: AtomicU64,
    /// Messages of what runs printed that the server took.
    pub output: AtomicU64,
    /// Bytes of those, with seals.
    pub output_bytes: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, more: u64) {
        counter.fetch_add(more, Relaxed);
    }

    /// Counts a message that was not taken; returns how many of its kind there were.
    pub(super) fn refuse(&self, kind: &'static str) -> u64 {
        let mut refused = self.refused();
        let count = refused.entry(kind).or_default();
        *count += 1;
        *count
    }

    /// Messages that were not taken, by the reason: `malformed`, `oversized`, `version`, `unknown_key`, `signature`,
    /// `expired`, `replayed`, `unreadable`, `left_out`, `unsigned`, `submission`.
    pub fn refused(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them by name, for metrics: refusals as `refused_` and their reason.
    #[must_use]
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        let plain = [
            ("published", &self.published),
            ("published_bytes", &self.published_bytes),
            ("failed", &self.failed),
            ("waited", &self.waited),
            ("received", &self.received),
            ("redelivered", &self.redelivered),
            ("connected", &self.connected),
            ("output", &self.output),
            ("output_bytes", &self.output_bytes),
        ];
        let plain = plain.into_iter().map(|(name, counter)| (name.to_owned(), counter.load(Relaxed)));
        let refused: Vec<_> = self.refused().iter().map(|(kind, count)| (format!("refused_{kind}"), *count)).collect();
        plain.chain(refused).collect()
    }
}
