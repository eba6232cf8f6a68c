//! The runs that were handed over ahead of their moment, in order of it. Which of them are still wanted is for the pool
//! to know: what was revoked is simply not started when its moment comes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::vec::IntoIter;

use crate::time::Timestamp;
use crate::wire::Assignment;

/// Runs by the instant they wait for.
#[derive(Debug, Default)]
pub(super) struct Staged {
    later: BTreeMap<Timestamp, Vec<Arc<Assignment>>>,
    /// Those whose moment has come.
    now: IntoIter<Arc<Assignment>>,
}

impl Staged {
    pub(super) fn put(&mut self, at: Timestamp, assignment: Arc<Assignment>) {
        self.later.entry(at).or_default().push(assignment);
    }

    /// The next one whose moment is not after `now`.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<Arc<Assignment>> {
        loop {
            if let Some(next) = self.now.next() {
                return Some(next);
            }
            let first = self.later.first_entry().filter(|first| *first.key() <= now)?;
            self.now = first.remove().into_iter();
        }
    }

    /// The next moment to come.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.later.first_key_value().map(|(at, _)| *at)
    }

    /// Takes all out, in order.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Arc<Assignment>> + use<> {
        let taken = std::mem::take(self);
        taken.now.chain(taken.later.into_values().flatten())
    }
}
