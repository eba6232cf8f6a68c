//! From an instant to the list of what is due then: the ring for the next minute, a sorted map for the rest.
//!
//! The calendar stores heads and nothing else; linking entries is the caller's part.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::time::Timestamp;

use super::entries::Place;
use super::ring::Ring;

/// Heads of lists by instant. An instant the ring covers is never in `rest`.
pub(super) struct Calendar {
    ring: Ring,
    /// What is due after the ring's span, and what came in for an instant before its start.
    rest: BTreeMap<Timestamp, Place>,
}

impl Calendar {
    pub(super) fn new() -> Self {
        Self { ring: Ring::new(), rest: BTreeMap::new() }
    }

    /// An estimate: the sorted map does not say what its nodes take.
    pub(super) fn memory_bytes(&self) -> usize {
        /// Nodes of eleven keys, heads and links, on the average two thirds full.
        const NODE_BYTES_PER_HEAD: usize = (size_of::<Timestamp>() + size_of::<Place>()) * 3 / 2 + 4;
        self.ring.memory_bytes() + self.rest.len() * NODE_BYTES_PER_HEAD
    }

    /// The earliest instant that has a list.
    pub(super) fn first(&self) -> Option<Timestamp> {
        let rest = self.rest.first_key_value().map(|(at, _)| *at);
        match rest {
            Some(at) if at < self.ring.start() => Some(at),
            _ => self.ring.first().or(rest),
        }
    }

    /// Replaces the head of an instant by what `change` makes of it; nowhere means that there is no list.
    pub(super) fn update(&mut self, at: Timestamp, change: impl FnOnce(Place) -> Place) {
        if self.ring.covers(at) {
            let head = change(self.ring.head(at));
            self.ring.set_head(at, head);
            return;
        }
        match self.rest.entry(at) {
            Entry::Vacant(vacant) => match change(Place::NOWHERE) {
                Place::NOWHERE => {}
                head => drop(vacant.insert(head)),
            },
            Entry::Occupied(mut occupied) => match change(*occupied.get()) {
                Place::NOWHERE => drop(occupied.remove()),
                head => drop(occupied.insert(head)),
            },
        }
    }

    /// Takes the whole list of an instant out.
    pub(super) fn take(&mut self, at: Timestamp) -> Place {
        let mut taken = Place::NOWHERE;
        self.update(at, |head| {
            taken = head;
            Place::NOWHERE
        });
        taken
    }

    /// Lets the ring start at `first`, the earliest instant there is, and takes in what it covers now.
    pub(super) fn advance(&mut self, first: Timestamp) {
        if first <= self.ring.start() {
            return;
        }
        self.ring.start_at(first);
        while let Some(earliest) = self.rest.first_entry().filter(|earliest| self.ring.covers(*earliest.key())) {
            let (at, head) = earliest.remove_entry();
            self.ring.set_head(at, head);
        }
    }
}
