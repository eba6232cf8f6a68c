//! How far the clocks of dispatchers are from the one here, as their batches show.
//!
//! A batch says when it was sent, by its sender's clock. What has passed since then by the clock here is the time the
//! batch took and the distance of the clocks together. The quickest of many batches took next to nothing, so the least
//! of these differences is nearly the distance alone. Moments that runs wait for are moved by it: they start by the clock
//! of whoever handed them over, not before, and as much later as the quickest batch took.

use std::collections::HashMap;
use std::time::Duration;

use crate::id::NodeName;
use crate::time::Timestamp;
use crate::wire::AssignmentBatch;

/// How long a difference counts, at least; at the most twice as long. Clocks drift, and are set.
const WINDOW: Duration = Duration::from_secs(60);

/// The clocks of those who hand over runs.
#[derive(Debug, Default)]
pub struct Clocks(HashMap<NodeName, Least>);

/// The least difference of one sender, in milliseconds.
#[derive(Debug)]
struct Least {
    /// In the present window.
    now: i64,
    /// In the one before.
    before: i64,
    /// When the present window began.
    since: Timestamp,
}

impl Clocks {
    /// Moves the moments of a batch that came at `now` from the sender's clock to the one here.
    pub fn translate(&mut self, batch: &mut AssignmentBatch, now: Timestamp) {
        let Some(sent_at) = batch.sent_at else { return };
        let distance = self.heard(&batch.from, now.millis_since(sent_at), now);
        for assignment in &mut batch.assignments {
            let moved = |at: Timestamp| Timestamp::from_millis(at.millis().saturating_add(distance));
            assignment.not_before = assignment.not_before.map(moved);
            assignment.start_by = assignment.start_by.map(moved);
        }
    }

    /// A batch took so long, seemingly. Returns the least of late.
    fn heard(&mut self, from: &NodeName, difference: i64, now: Timestamp) -> i64 {
        if !self.0.contains_key(from) {
            // Those of whom nothing was heard for long are likely gone.
            self.0.retain(|_, least| least.age(now) < 10 * WINDOW);
        }
        let first = Least { now: difference, before: i64::MAX, since: now };
        let least = self.0.entry(from.clone()).or_insert(first);
        if least.age(now) >= WINDOW {
            *least = Least { now: difference, before: least.now, since: now };
        }
        least.now = least.now.min(difference);
        least.now.min(least.before)
    }
}

impl Least {
    /// How long its window is open. One that lies in the future is from before the clock was set back.
    fn age(&self, now: Timestamp) -> Duration {
        u64::try_from(now.millis_since(self.since)).map_or(Duration::MAX, Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn after(millis: i64) -> Timestamp {
        Timestamp::from_millis(NOON.millis() + millis)
    }

    fn name(text: &str) -> NodeName {
        text.parse().unwrap()
    }

    proptest! {
        /// Whatever the distance of the clocks and the time each batch takes, a moment is what its sender means, and
        /// as much later as the quickest batch so far took.
        #[test]
        fn moments_are_the_senders(distance in -100_000_i64..100_000, took in prop::collection::vec(0_i64..5_000, 1..40)) {
            let mut clocks = Clocks::default();
            let mut quickest = i64::MAX;
            for (at, took) in (0_i64..).zip(took) {
                quickest = quickest.min(took);
                let found = clocks.heard(&name("a"), took + distance, after(at));
                prop_assert_eq!(found, distance + quickest);
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_is_followed_within_two_windows() {
        let mut clocks = Clocks::default();
        let minute = |minutes: i64| after(60_000 * minutes);
        let heard: Vec<i64> = [(0, 5), (1, 90_005), (2, 90_005), (3, -40_000), (3, 5)]
            .map(|(at, difference)| clocks.heard(&name("a"), difference, minute(at)))
            .to_vec();
        assert_eq!(heard, [5, 5, 90_005, -40_000, -40_000]);
        assert_eq!(clocks.heard(&name("b"), 7, minute(3)), 7, "each sender has its own clock");
    }
}
