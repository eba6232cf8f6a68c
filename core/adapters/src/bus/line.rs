//! What is remembered of each subject: how many messages were sent there, and which were received.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cronbus_core::time::Timestamp;
use cronbus_core::wire::signing::Seen;

/// All subjects that were sent to or received from: as many as there were nodes, times the kinds of addresses.
#[derive(Debug)]
pub(super) struct Lines {
    /// When this sender's life began.
    pub(super) life: Timestamp,
    by_subject: Mutex<HashMap<String, Arc<Line>>>,
}

/// One subject.
#[derive(Debug, Default)]
pub(super) struct Line {
    sent: AtomicU64,
    /// Held while a message of several parts is sent: a receiver joins one of each sender at a time.
    pub(super) in_parts: tokio::sync::Mutex<()>,
    seen: Mutex<Seen>,
}

impl Lines {
    pub(super) fn new(life: Timestamp) -> Self {
        Self { life, by_subject: Mutex::default() }
    }

    pub(super) fn of(&self, subject: &str) -> Arc<Line> {
        let mut lines = self.by_subject.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(subject) {
            return Arc::clone(line);
        }
        let line = Arc::<Line>::default();
        lines.insert(subject.to_owned(), Arc::clone(&line));
        line
    }
}

impl Line {
    /// The number of the next message, from 1 on.
    pub(super) fn next(&self) -> u64 {
        self.sent.fetch_add(1, Relaxed) + 1
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
