//! Which batches of which dispatcher have been looked at, so that one delivered twice is looked at once.

use std::collections::{BTreeSet, HashMap};

use crate::id::NodeName;
use crate::time::Timestamp;

/// How many numbers may be missing at a time before the oldest is taken for lost.
const HOLES: usize = 4096;

/// What was received from one life of one dispatcher.
#[derive(Debug)]
struct Received {
    life: Timestamp,
    /// All numbers up to here.
    upto: u64,
    /// Numbers beyond.
    beyond: BTreeSet<u64>,
}

/// What was received from everybody.
#[derive(Debug, Default)]
pub(super) struct Senders(HashMap<NodeName, Received>);

impl Senders {
    /// Whether a batch comes for the first time. One of a sender's former life does not count as new: what it was about
    /// is the successor's business, who asks.
    pub(super) fn is_new(&mut self, from: &NodeName, life: Timestamp, sequence: u64) -> bool {
        let fresh = || Received { life, upto: 0, beyond: BTreeSet::new() };
        let received = self.0.entry(from.clone()).or_insert_with(fresh);
        if life < received.life {
            return false;
        }
        if life > received.life {
            *received = fresh();
        }
        if sequence <= received.upto || !received.beyond.insert(sequence) {
            return false;
        }
        while received.beyond.remove(&(received.upto + 1)) {
            received.upto += 1;
        }
        if received.beyond.len() > HOLES
            && let Some(first) = received.beyond.pop_first()
        {
            received.upto = first;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_number_is_new_once_in_any_order(numbers in prop::collection::vec(1_u64..60, 0..200)) {
            let mut senders = Senders::default();
            let from = NodeName::new("a").unwrap();
            let mut seen = BTreeSet::new();
            for number in numbers {
                prop_assert_eq!(senders.is_new(&from, Timestamp::EPOCH, number), seen.insert(number));
            }
        }
    }

    #[test]
    fn a_new_life_begins_again_and_the_old_one_is_over() {
        let mut senders = Senders::default();
        let from = NodeName::new("a").unwrap();
        let [old, new] = [1, 2].map(Timestamp::from_seconds);
        assert!(senders.is_new(&from, old, 1));
        assert!(senders.is_new(&from, new, 1));
        assert!(!senders.is_new(&from, old, 2));
        assert!(!senders.is_new(&from, new, 1));
    }
}
