//! Which of a sender's consecutive numbers have been seen, in a bounded space.

use std::collections::BTreeSet;

/// How many numbers may be missing at a time before the oldest is taken for lost.
const HOLES: usize = 4096;

/// The numbers of one life of one sender.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// All numbers up to here.
    upto: u64,
    /// Numbers beyond.
    beyond: BTreeSet<u64>,
}

impl Numbers {
    /// Whether `number` was not seen yet. 0 never is new: numbers begin at 1.
    #[must_use]
    pub fn is_new(&self, number: u64) -> bool {
        number > self.upto && !self.beyond.contains(&number)
    }

    /// Notes that `number` was seen. Returns whether it was new.
    pub fn note(&mut self, number: u64) -> bool {
        if number <= self.upto || !self.beyond.insert(number) {
            return false;
        }
        while self.beyond.remove(&self.upto.saturating_add(1)) {
            self.upto += 1;
        }
        if self.beyond.len() > HOLES
            && let Some(first) = self.beyond.pop_first()
        {
            self.upto = first;
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
            let mut known = Numbers::default();
            let mut seen = BTreeSet::new();
            for number in numbers {
                prop_assert_eq!(known.is_new(number), !seen.contains(&number));
                prop_assert_eq!(known.note(number), seen.insert(number));
            }
        }
    }

    #[test]
    fn what_is_missing_for_long_is_taken_for_lost_and_space_stays_bounded() {
        let mut known = Numbers::default();
        for number in 2..20_000 {
            assert!(known.note(number));
        }
        assert!(!known.is_new(1) && !known.is_new(19_999) && known.is_new(20_000));
        assert!(known.beyond.len() <= HOLES);
        assert!(known.note(u64::MAX) && !known.note(u64::MAX) && !known.note(0));
    }
}
