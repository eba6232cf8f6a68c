//! The rules that entries share: interned by key, counted by use, with the last answer remembered.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::time::Timestamp;

use super::rule::Rule;

/// A rule held by a timeline, to insert jobs with.
///
/// It is good from [`super::Timeline::intern`] until the last job inserted with it is gone; after that it stands for no
/// rule at all, never for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleIndex {
    place: RulePlace,
    generation: u32,
}

/// Where a rule lives: what an entry keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RulePlace(pub(super) u32);

/// A place for a rule; its generation tells the rules apart that lived there one after another.
struct Holder<R> {
    generation: u32,
    held: Option<Held<R>>,
}

struct Held<R> {
    rule: R,
    key: Box<str>,
    /// How many entries use it.
    uses: u32,
    last: Option<Answer>,
}

/// What the rule said last: most questions are the same as the one before, since jobs of one rule are due together.
#[derive(Clone, Copy)]
struct Answer {
    after: Timestamp,
    next: Option<Timestamp>,
}

/// All rules in use.
pub(super) struct Rules<R> {
    holders: Vec<Holder<R>>,
    vacant: Vec<RulePlace>,
    /// Places by key, which the place itself knows. Keys come from people: the hash is seeded.
    by_key: HashTable<RulePlace>,
    seed: RandomState,
    key_bytes: usize,
}

impl<R: Rule> Rules<R> {
    pub(super) fn new() -> Self {
        let seed = RandomState::new();
        Self { holders: Vec::new(), vacant: Vec::new(), by_key: HashTable::new(), seed, key_bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// An estimate; what the rules themselves keep on the heap is not in it.
    pub(super) fn memory_bytes(&self) -> usize {
        self.holders.capacity() * size_of::<Holder<R>>()
            + self.vacant.capacity() * size_of::<RulePlace>()
            + self.by_key.allocation_size()
            + self.key_bytes
    }

    /// The rule of this key, made if it is not held yet.
    pub(super) fn intern(&mut self, key: &str, make: impl FnOnce() -> R) -> RuleIndex {
        let hash = self.seed.hash_one(key);
        let same = |place: &RulePlace| held(&self.holders, *place).is_some_and(|held| *held.key == *key);
        let place = match self.by_key.find(hash, same) {
            Some(place) => *place,
            None => self.hold(hash, key, make()),
        };
        let generation = self.holders.get(place.0 as usize).map_or(0, |holder| holder.generation);
        RuleIndex { place, generation }
    }

    fn hold(&mut self, hash: u64, key: &str, rule: R) -> RulePlace {
        let place = self.vacant.pop().unwrap_or_else(|| self.grow());
        self.key_bytes += key.len();
        if let Some(holder) = self.holders.get_mut(place.0 as usize) {
            holder.held = Some(Held { rule, key: key.into(), uses: 0, last: None });
        }
        let (holders, seed) = (&self.holders, &self.seed);
        let rehash = |place: &RulePlace| held(holders, *place).map_or(0, |held| seed.hash_one(&*held.key));
        self.by_key.insert_unique(hash, place, rehash);
        place
    }

    fn grow(&mut self) -> RulePlace {
        // Memory ends long before the numbers do; the place past the last one holds nothing, so nothing is mixed up.
        let place = RulePlace(u32::try_from(self.holders.len()).unwrap_or(u32::MAX));
        self.holders.push(Holder { generation: 0, held: None });
        place
    }

    /// Counts one more entry; `None` when the index is not good any more.
    pub(super) fn acquire(&mut self, index: RuleIndex) -> Option<RulePlace> {
        let holder = self.holders.get_mut(index.place.0 as usize)?;
        if holder.generation != index.generation {
            return None;
        }
        let held = holder.held.as_mut()?;
        held.uses = held.uses.checked_add(1)?;
        Some(index.place)
    }

    /// Counts one entry less; the last one takes the rule along.
    pub(super) fn release(&mut self, place: RulePlace) {
        let Some(holder) = self.holders.get_mut(place.0 as usize) else { return };
        let Some(held) = &mut holder.held else { return };
        held.uses = held.uses.saturating_sub(1);
        if held.uses > 0 {
            return;
        }
        self.key_bytes -= held.key.len();
        let hash = self.seed.hash_one(&*held.key);
        holder.held = None;
        holder.generation = holder.generation.wrapping_add(1);
        if let Ok(found) = self.by_key.find_entry(hash, |other| *other == place) {
            found.remove();
        }
        self.vacant.push(place);
    }

    /// The rule's next instant. One that does not lie after `after` would be due for ever and counts as none.
    pub(super) fn next_after(&mut self, place: RulePlace, after: Timestamp) -> Option<Timestamp> {
        let held = self.holders.get_mut(place.0 as usize)?.held.as_mut()?;
        if let Some(answer) = held.last.filter(|answer| answer.after == after) {
            return answer.next;
        }
        let next = held.rule.next_after(after).filter(|next| *next > after);
        held.last = Some(Answer { after, next });
        next
    }
}

fn held<R>(holders: &[Holder<R>], place: RulePlace) -> Option<&Held<R>> {
    holders.get(place.0 as usize)?.held.as_ref()
}
