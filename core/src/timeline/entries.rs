//! The places that entries live in, and the lists that link entries due at the same instant.
//!
//! Places never move: memory grows by whole chunks, so that a full timeline does not pause to copy itself. Which list an
//! entry belongs to is known to the calendar alone; here a list is only its head.

use crate::id::JobId;
use crate::time::Timestamp;

use super::rules::RulePlace;

/// Where an entry lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) u32);

impl Place {
    /// No place at all: the head of an empty list.
    pub(super) const NOWHERE: Self = Self(u32::MAX);
}

/// One job's next due instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) due_at: Timestamp,
    pub(super) job: JobId,
    pub(super) rule: RulePlace,
    /// The lists are rings: the last entry's `next` is the head and the head's `previous` is the last entry, so that a
    /// head alone reaches both ends.
    next: Place,
    previous: Place,
}

/// Entries of one allocation: 128 KiB.
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 12;

/// All places, used and vacant.
#[derive(Default)]
pub(super) struct Entries {
    chunks: Vec<Box<[Entry]>>,
    /// The vacant places, linked by `next`.
    vacant: Option<Place>,
    len: usize,
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<Entry>() + self.chunks.capacity() * size_of::<Box<[Entry]>>()
    }

    pub(super) fn get(&self, place: Place) -> Option<&Entry> {
        self.chunks.get((place.0 >> CHUNK_BITS) as usize)?.get(place.0 as usize % CHUNK)
    }

    fn get_mut(&mut self, place: Place) -> Option<&mut Entry> {
        self.chunks.get_mut((place.0 >> CHUNK_BITS) as usize)?.get_mut(place.0 as usize % CHUNK)
    }

    /// Takes a vacant place, as a list of its own; `None` when 2³² places are taken.
    pub(super) fn add(&mut self, job: JobId, rule: RulePlace, due_at: Timestamp) -> Option<Place> {
        let place = match self.vacant {
            Some(place) => place,
            None => self.grow()?,
        };
        let entry = self.get_mut(place)?;
        let vacant = entry.next;
        *entry = Entry { due_at, job, rule, next: place, previous: place };
        self.vacant = Some(vacant).filter(|vacant| *vacant != Place::NOWHERE);
        self.len += 1;
        Some(place)
    }

    /// Gives back a place that is in no list any more.
    pub(super) fn vacate(&mut self, place: Place) {
        let next = self.vacant.unwrap_or(Place::NOWHERE);
        let Some(entry) = self.get_mut(place) else { return };
        entry.next = next;
        self.vacant = Some(place);
        self.len -= 1;
    }

    /// Adds a chunk whose places are linked as vacant; answers the first of them.
    fn grow(&mut self) -> Option<Place> {
        let first = u32::try_from(self.chunks.len() * CHUNK).ok()?;
        let end = first.checked_add(CHUNK as u32)?;
        let vacant = |at: u32| Entry {
            due_at: Timestamp::EPOCH,
            job: JobId(0),
            rule: RulePlace(0),
            next: if at + 1 == end { Place::NOWHERE } else { Place(at + 1) },
            previous: Place::NOWHERE,
        };
        self.chunks.push((first..end).map(vacant).collect());
        Some(Place(first))
    }

    /// Sets the instant of an entry that is in no list, which makes it a list of its own.
    pub(super) fn set_due(&mut self, place: Place, due_at: Timestamp) {
        if let Some(entry) = self.get_mut(place) {
            entry.due_at = due_at;
            (entry.next, entry.previous) = (place, place);
        }
    }

    /// Puts an entry that is a list of its own at the end of the list of `head`; answers the head.
    pub(super) fn append(&mut self, head: Place, place: Place) -> Place {
        let Some(last) = self.get(head).map(|entry| entry.previous) else { return place };
        self.link(last, place);
        self.link(place, head);
        head
    }

    /// Takes an entry out of the list of `head`; answers the head of what is left.
    pub(super) fn unlink(&mut self, head: Place, place: Place) -> Place {
        let Some(Entry { next, previous, .. }) = self.get(place).copied() else { return head };
        if next == place {
            return Place::NOWHERE;
        }
        self.link(previous, next);
        if head == place { next } else { head }
    }

    fn link(&mut self, before: Place, after: Place) {
        if let Some(entry) = self.get_mut(before) {
            entry.next = after;
        }
        if let Some(entry) = self.get_mut(after) {
            entry.previous = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(entries: &Entries, head: Place) -> Vec<i64> {
        let mut found = Vec::new();
        let mut place = head;
        while let Some(entry) = entries.get(place) {
            found.push(entry.job.0);
            place = entry.next;
            if place == head {
                break;
            }
        }
        found
    }

    #[test]
    fn an_entry_is_half_a_cache_line() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn a_list_keeps_its_order_wherever_one_is_taken_out() {
        for (taken, left) in [(0, [2, 3]), (1, [1, 3]), (2, [1, 2])] {
            let mut entries = Entries::default();
            let places: Vec<_> =
                (1..=3).map(|job| entries.add(JobId(job), RulePlace(0), Timestamp::EPOCH).unwrap()).collect();
            let head = places.iter().fold(Place::NOWHERE, |head, place| entries.append(head, *place));
            assert_eq!(jobs(&entries, head), [1, 2, 3]);
            let head = entries.unlink(head, places[taken]);
            assert_eq!(jobs(&entries, head), left);
        }
    }

    #[test]
    fn vacated_places_are_taken_again() {
        let mut entries = Entries::default();
        let add = |entries: &mut Entries| entries.add(JobId(1), RulePlace(0), Timestamp::EPOCH).unwrap();
        let places: Vec<_> = (0..CHUNK).map(|_| add(&mut entries)).collect();
        let full = entries.memory_bytes();
        places.iter().for_each(|place| entries.vacate(*place));
        assert_eq!(entries.len(), 0);
        let again: Vec<_> = (0..CHUNK).map(|_| add(&mut entries)).collect();
        assert!(again.iter().eq(places.iter().rev()), "the last one left is taken first");
        assert_eq!(entries.memory_bytes(), full);
    }
}
