//! Which batches of which dispatcher have been looked at, so that one delivered twice is looked at once.
//!
//! A dispatcher's numbers begin again with each of its lives. Of two lives the later one is usually the one that began
//! later; where a host's clock was set back in between, it is the one that the register names.

use std::collections::{HashMap, VecDeque};

use crate::id::NodeName;
use crate::port::membership::Member;
use crate::time::Timestamp;
use crate::wire::Numbers;

/// How many former lives of one dispatcher are remembered: what was sent that long ago is not under way any more.
const REMEMBERED: usize = 16;

/// What was received from one life of one dispatcher.
#[derive(Debug)]
struct Received {
    life: Timestamp,
    numbers: Numbers,
    /// Lives before, the last one last.
    over: VecDeque<Timestamp>,
}

/// What was received from everybody.
#[derive(Debug, Default)]
pub(super) struct Senders {
    received: HashMap<NodeName, Received>,
    alive: HashMap<NodeName, Timestamp>,
}

impl Senders {
    /// Who lives, and since when.
    pub(super) fn members_changed(&mut self, members: &[Member]) {
        self.alive = members.iter().map(|member| (member.name.clone(), member.started_at)).collect();
    }

    /// Whether a batch comes for the first time. One of a sender's former life does not count as new: what it was about
    /// is the successor's business, who asks.
    pub(super) fn is_new(&mut self, from: &NodeName, life: Timestamp, sequence: u64) -> bool {
        let fresh = || Received { life, numbers: Numbers::default(), over: VecDeque::new() };
        let received = self.received.entry(from.clone()).or_insert_with(fresh);
        if life != received.life {
            let is_successor = life > received.life || self.alive.get(from) == Some(&life);
            if !is_successor || received.over.contains(&life) {
                return false;
            }
            received.begin(life);
        }
        received.numbers.note(sequence)
    }
}

impl Received {
    fn begin(&mut self, life: Timestamp) {
        if self.over.len() == REMEMBERED {
            self.over.pop_front();
        }
        self.over.push_back(std::mem::replace(&mut self.life, life));
        self.numbers = Numbers::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::membership::member;

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

    #[test]
    fn a_life_after_the_clock_was_set_back_is_known_from_the_register() {
        let mut senders = Senders::default();
        let from = NodeName::new("a").unwrap();
        let [old, new] = [2, 1].map(Timestamp::from_seconds);
        assert!(senders.is_new(&from, old, 1));
        assert!(!senders.is_new(&from, new, 1), "nothing tells it from one before");
        senders.members_changed(&[Member { started_at: new, ..member("a") }]);
        assert!(senders.is_new(&from, new, 1));
        assert!(!senders.is_new(&from, new, 1));
        assert!(!senders.is_new(&from, old, 2), "it is over, however late it began");
    }
}
