//! One life of a node: from a start of its process to the crash that ends it.
//!
//! An actor cannot be killed in the middle of an await, but what it awaits can. Every call through the ports of a life
//! passes here before it has its effect and after; the life ends at one of these places, or at any moment from outside,
//! and from then on every call stays pending for ever. A halted life (SIGSTOP) passes again once it is resumed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use tokio::sync::Notify;

use crate::history::LifeName;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Well,
    Halted,
    Dead,
}

#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) name: LifeName,
    condition: Mutex<Condition>,
    // Not a `watch`: that wakes in an order of its own choosing, and a simulation has to replay.
    changed: Notify,
    /// How many passages are left.
    left: AtomicI64,
}

impl Life {
    pub(crate) fn new(name: LifeName, passages: i64) -> Self {
        Self { name, condition: Mutex::new(Condition::Well), changed: Notify::new(), left: AtomicI64::new(passages) }
    }

    /// Returns while the node is well; may be where it dies.
    pub(crate) async fn pass(&self) {
        if self.left.fetch_sub(1, Relaxed) <= 1 {
            self.die();
        }
        self.be_well().await;
    }

    /// Returns when the node is well: later if it is halted, never if it is dead.
    pub(crate) async fn be_well(&self) {
        self.until(Condition::Well).await;
    }

    /// Returns once the node is dead.
    pub(crate) async fn died(&self) {
        self.until(Condition::Dead).await;
    }

    async fn until(&self, wanted: Condition) {
        loop {
            let changed = self.changed.notified();
            if self.condition() == wanted {
                return;
            }
            changed.await;
        }
    }

    fn condition(&self) -> Condition {
        *self.condition.lock().unwrap()
    }

    pub(crate) fn die(&self) {
        *self.condition.lock().unwrap() = Condition::Dead;
        self.changed.notify_waiters();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.condition() == Condition::Dead
    }

    /// Stops it where it is, as SIGSTOP does; false when it is not running.
    pub(crate) fn halt(&self) -> bool {
        self.turn(Condition::Well, Condition::Halted)
    }

    pub(crate) fn resume(&self) -> bool {
        self.turn(Condition::Halted, Condition::Well)
    }

    /// From now on it does not end by itself.
    pub(crate) fn spare(&self) {
        self.left.store(i64::MAX, Relaxed);
    }

    fn turn(&self, from: Condition, to: Condition) -> bool {
        let mut condition = self.condition.lock().unwrap();
        let turns = *condition == from;
        if turns {
            *condition = to;
            self.changed.notify_waiters();
        }
        turns
    }
}
