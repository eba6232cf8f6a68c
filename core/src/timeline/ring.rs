//! The next minute: one list head per millisecond, found without searching.
//!
//! The ring covers the instants from its start on for [`SPAN_MS`]; it does not know what lies outside.

use crate::time::Timestamp;

use super::entries::Place;

/// How many milliseconds the ring covers: a little more than a minute, so that what is due every minute stays in it.
pub(super) const SPAN_MS: usize = 1 << 16;
const WORDS: usize = SPAN_MS / 64;

/// Heads by millisecond. Every list in it is due within the span.
pub(super) struct Ring {
    start: Timestamp,
    heads: Box<[Place]>,
    /// One bit per head: whether there is a list.
    occupied: Box<[u64]>,
}

impl Ring {
    pub(super) fn new() -> Self {
        Self { start: Timestamp::EPOCH, heads: vec![Place::NOWHERE; SPAN_MS].into(), occupied: vec![0; WORDS].into() }
    }

    pub(super) fn start(&self) -> Timestamp {
        self.start
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.heads) + size_of_val(&*self.occupied)
    }

    /// Whether this instant lies in the span.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        let offset = at.millis().checked_sub(self.start.millis());
        offset.is_some_and(|offset| (0..SPAN_MS as i64).contains(&offset))
    }

    /// Moves the start forward. The caller has seen to it that nothing due before the new start is left.
    pub(super) fn start_at(&mut self, start: Timestamp) {
        self.start = start;
    }

    /// The head of an instant within the span.
    pub(super) fn head(&self, at: Timestamp) -> Place {
        self.heads.get(position(at)).copied().unwrap_or(Place::NOWHERE)
    }

    /// Sets the head of an instant within the span.
    pub(super) fn set_head(&mut self, at: Timestamp, head: Place) {
        let position = position(at);
        if let Some(slot) = self.heads.get_mut(position) {
            *slot = head;
        }
        if let Some(word) = self.occupied.get_mut(position / 64) {
            let bit = 1 << (position % 64);
            *word = if head == Place::NOWHERE { *word & !bit } else { *word | bit };
        }
    }

    /// The earliest instant that has a list.
    pub(super) fn first(&self) -> Option<Timestamp> {
        let start = position(self.start);
        let not_before = u64::MAX << (start % 64);
        // The word of the start is looked at twice: its later bits first, its earlier ones at the end of the round.
        let found = (0..=WORDS).find_map(|step| {
            let at = (start / 64 + step) % WORDS;
            let mask = match step {
                0 => not_before,
                WORDS => !not_before,
                _ => u64::MAX,
            };
            let word = self.occupied.get(at)? & mask;
            (word != 0).then(|| at * 64 + word.trailing_zeros() as usize)
        })?;
        let offset = (found + SPAN_MS - start) % SPAN_MS;
        Some(Timestamp::from_millis(self.start.millis() + offset as i64))
    }
}

fn position(at: Timestamp) -> usize {
    at.millis().rem_euclid(SPAN_MS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_earliest_from_any_start(
            start in -100_000_i64..100_000,
            offsets in proptest::collection::btree_set(0..SPAN_MS as i64, 0..20),
        ) {
            let mut ring = Ring::new();
            ring.start_at(Timestamp::from_millis(start));
            for offset in &offsets {
                ring.set_head(Timestamp::from_millis(start + offset), Place(1));
            }
            for offset in &offsets {
                let at = Timestamp::from_millis(start + offset);
                prop_assert_eq!(ring.first(), Some(at));
                ring.set_head(at, Place::NOWHERE);
            }
            prop_assert_eq!(ring.first(), None);
        }
    }

    #[test]
    fn covers_its_span_and_no_more() {
        let mut ring = Ring::new();
        ring.start_at(Timestamp::from_millis(-5));
        let covered = |millis| ring.covers(Timestamp::from_millis(millis));
        assert!(!covered(-6) && covered(-5) && covered(SPAN_MS as i64 - 6) && !covered(SPAN_MS as i64 - 5));
        assert!(!covered(i64::MAX) && !covered(i64::MIN));
    }
}
