//! Which batches of which dispatcher have been looked at, so that one delivered twice is looked at once.

use std::collections::HashMap;

use crate::id::NodeName;
use crate::time::Timestamp;
use crate::wire::Numbers;

/// What was received from one life of one dispatcher.
#[derive(Debug)]
struct Received {
    life: Timestamp,
    numbers: Numbers,
}

/// What was received from everybody.
#[derive(Debug, Default)]
pub(super) struct Senders(HashMap<NodeName, Received>);

impl Senders {
    /// Whether a batch comes for the first time. One of a sender's former life does not count as new: what it was about
    /// is the successor's business, who asks.
    pub(super) fn is_new(&mut self, from: &NodeName, life: Timestamp, sequence: u64) -> bool {
        let fresh = || Received { life, numbers: Numbers::default() };
        let received = self.0.entry(from.clone()).or_insert_with(fresh);
        if life < received.life {
            return false;
        }
        if life > received.life {
            *received = fresh();
        }
        received.numbers.note(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
