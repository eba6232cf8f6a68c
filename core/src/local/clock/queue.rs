//! Who is to be woken when: the sleepers on one scale of time, ordered by their moments.

use std::collections::BTreeMap;
use std::task::Waker;

/// Sleepers ordered by moment. One entry for each living sleep, no more: a sleep that is dropped takes its entry along.
#[derive(Debug)]
pub(super) struct Queue<T> {
    sleepers: BTreeMap<(T, u64), Waker>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { sleepers: BTreeMap::new() }
    }
}

impl<T: Ord + Copy> Queue<T> {
    /// Has `waker` woken at `moment`. Says whether that is now the first moment to come, so that whoever waits for it
    /// has to wait less.
    pub(super) fn insert(&mut self, moment: T, sleeper: u64, waker: Waker) -> bool {
        self.sleepers.insert((moment, sleeper), waker);
        self.sleepers.first_key_value().is_some_and(|(&first, _)| first == (moment, sleeper))
    }

    /// Forgets a sleeper, if it is still there.
    pub(super) fn remove(&mut self, moment: T, sleeper: u64) {
        self.sleepers.remove(&(moment, sleeper));
    }

    /// The first moment to come.
    pub(super) fn first(&self) -> Option<T> {
        self.sleepers.first_key_value().map(|(&(moment, _), _)| moment)
    }

    /// Takes out whoever is to be woken at `now`, in order.
    pub(super) fn due(&mut self, now: T, woken: &mut Vec<Waker>) {
        while let Some(first) = self.sleepers.first_entry() {
            if first.key().0 > now {
                break;
            }
            woken.push(first.remove());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_what_is_due_and_forgets_what_was_removed() {
        let mut queue = Queue::default();
        let waker = Waker::noop();
        assert!(queue.insert(5, 1, waker.clone()));
        assert!(!queue.insert(7, 2, waker.clone()));
        assert!(!queue.insert(5, 3, waker.clone()));
        assert!(queue.insert(1, 4, waker.clone()));
        queue.remove(1, 4);
        let mut woken = Vec::new();
        queue.due(4, &mut woken);
        assert_eq!((woken.len(), queue.first()), (0, Some(5)));
        queue.due(5, &mut woken);
        assert_eq!((woken.len(), queue.first()), (2, Some(7)));
    }
}
