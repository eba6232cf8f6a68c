//! Which runs are not acknowledged, and which segments are needed for them. Does no I/O.

use std::collections::{BTreeMap, HashMap};

use cronbus_core::id::RunId;
use cronbus_core::port::spool::{Entry, Remembered};

/// A segment's number; later ones are higher.
pub(super) type Number = u64;

/// What is remembered of a run, and from which segment on.
#[derive(Debug)]
struct Live {
    remembered: Remembered,
    home: Number,
}

/// How many runs a segment brought, and how many of them are not acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    brought: usize,
    live: usize,
}

/// What to do about the oldest segment.
#[derive(Debug, PartialEq)]
pub(super) enum Oldest {
    /// It is needed, or it is the active one.
    Keep,
    /// Nothing of it is needed.
    Delete(Number),
    /// Little of it is needed: say these entries again, then delete it.
    Move(Number, Vec<Entry>),
}

/// The memory of a spool.
#[derive(Debug, Default)]
pub(super) struct State {
    runs: HashMap<RunId, Live>,
    segments: BTreeMap<Number, Count>,
}

impl State {
    /// A segment is there.
    pub(super) fn add_segment(&mut self, number: Number) {
        self.segments.entry(number).or_default();
    }

    /// An entry stands in a segment.
    pub(super) fn apply(&mut self, entry: &Entry, segment: Number) {
        let run = entry.run();
        let (known, home) = match self.runs.remove(&run) {
            Some(live) => (Some(live.remembered), live.home),
            None => (None, segment),
        };
        let was_known = known.is_some();
        let after = Remembered::after(known, entry);
        let count = self.segments.entry(home).or_default();
        match (was_known, after.is_some()) {
            (false, true) => *count = Count { brought: count.brought + 1, live: count.live + 1 },
            (true, false) => count.live = count.live.saturating_sub(1),
            _ => {}
        }
        if let Some(remembered) = after {
            self.runs.insert(run, Live { remembered, home });
        }
    }

    /// Everything that is not acknowledged, in the order of run ids.
    pub(super) fn remembered(&self) -> Vec<Remembered> {
        let mut all: Vec<Remembered> = self.runs.values().map(|live| live.remembered.clone()).collect();
        all.sort_by_key(|one| one.run);
        all
    }

    /// What can be done about the oldest segment. Only the oldest may go: a later one may hold the acknowledgements of
    /// its runs.
    pub(super) fn oldest(&self, active: Number) -> Oldest {
        let Some((&number, &count)) = self.segments.first_key_value() else { return Oldest::Keep };
        if number >= active {
            return Oldest::Keep;
        }
        if count.live == 0 {
            return Oldest::Delete(number);
        }
        // Moving costs as much as it saves when much of it is live.
        if count.live * 4 > count.brought {
            return Oldest::Keep;
        }
        let living = self.runs.values().filter(|live| live.home == number);
        Oldest::Move(number, living.flat_map(|live| live.remembered.entries()).collect())
    }

    /// The oldest segment's runs have been said again in another one.
    pub(super) fn moved(&mut self, from: Number, to: Number) {
        let mut moved = 0;
        for live in self.runs.values_mut().filter(|live| live.home == from) {
            live.home = to;
            moved += 1;
        }
        if let Some(count) = self.segments.get_mut(&from) {
            count.live = 0;
        }
        let count = self.segments.entry(to).or_default();
        *count = Count { brought: count.brought + moved, live: count.live + moved };
    }

    /// The segment is gone.
    pub(super) fn forget_segment(&mut self, number: Number) {
        self.segments.remove(&number);
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::entry;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Segments that are dropped as the state says never hold anything that is needed: reading the rest gives the
        /// same memory.
        #[test]
        fn what_is_left_says_everything(segments in prop::collection::vec(prop::collection::vec(entry(), 0..25), 1..6)) {
            let mut state = State::default();
            let mut kept: BTreeMap<Number, Vec<Entry>> = BTreeMap::new();
            for (number, entries) in (1..).zip(segments) {
                state.add_segment(number);
                kept.entry(number).or_default();
                for entry in entries {
                    state.apply(&entry, number);
                    kept.entry(number).or_default().push(entry);
                }
                loop {
                    match state.oldest(number) {
                        Oldest::Keep => break,
                        Oldest::Delete(oldest) => {
                            state.forget_segment(oldest);
                            kept.remove(&oldest);
                        }
                        Oldest::Move(oldest, entries) => {
                            kept.entry(number).or_default().extend(entries);
                            state.moved(oldest, number);
                        }
                    }
                }
                let mut reread = State::default();
                for (number, entries) in &kept {
                    entries.iter().for_each(|entry| reread.apply(entry, *number));
                }
                prop_assert_eq!(reread.remembered(), state.remembered());
            }
        }
    }
}
