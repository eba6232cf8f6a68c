//! The runs whose moment has not come, in order of it.

use std::collections::BTreeMap;

use crate::id::RunId;
use crate::time::Timestamp;

/// Runs by the instant they wait for. A run that is no longer wanted is simply not found when its instant comes.
#[derive(Debug, Default)]
pub(super) struct Calendar(BTreeMap<Timestamp, Vec<RunId>>);

impl Calendar {
    pub(super) fn put(&mut self, at: Timestamp, run: RunId) {
        self.0.entry(at).or_default().push(run);
    }

    /// Takes out the runs of the earliest instant, if it is not after `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Vec<RunId>> {
        let first = self.0.first_entry()?;
        (*first.key() <= now).then(|| first.remove())
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.first_key_value().map(|(at, _)| *at)
    }
}
