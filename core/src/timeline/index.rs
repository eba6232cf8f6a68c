//! From a job to its entry's place: a table of bare places, since the entry itself knows its job.

use hashbrown::HashTable;

use crate::id::JobId;

use super::entries::{Entries, Place};

/// Takes 6 to 12 bytes a job: a place and a byte of its job's hash, in a table that doubles when it is 7/8 full.
#[derive(Default)]
pub(super) struct Index {
    places: HashTable<Place>,
}

impl Index {
    pub(super) fn memory_bytes(&self) -> usize {
        self.places.allocation_size()
    }

    /// The place of a job's entry.
    pub(super) fn find(&self, job: JobId, entries: &Entries) -> Option<Place> {
        self.places.find(hash(job), |place| holds(entries, *place, job)).copied()
    }

    /// Adds the place of a job that is not in the table.
    pub(super) fn add(&mut self, job: JobId, place: Place, entries: &Entries) {
        let rehash = |place: &Place| entries.get(*place).map_or(0, |entry| hash(entry.job));
        self.places.insert_unique(hash(job), place, rehash);
    }

    /// Takes a job out; its entry must still be in its place.
    pub(super) fn remove(&mut self, job: JobId, entries: &Entries) -> Option<Place> {
        let found = self.places.find_entry(hash(job), |place| holds(entries, *place, job)).ok()?;
        Some(found.remove().0)
    }
}

fn holds(entries: &Entries, place: Place, job: JobId) -> bool {
    entries.get(place).is_some_and(|entry| entry.job == job)
}

/// Spreads a job's number over all bits (the finaliser of `SplitMix64`). Numbers come from the store, not from people, so
/// it need not be seeded; but it must not be the hash that makes the partitions, since a node holds the jobs of a few
/// partitions only, and those have the high bits of that hash in common.
fn hash(job: JobId) -> u64 {
    let mut bits = job.0.cast_unsigned();
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;
    use crate::timeline::rules::RulePlace;

    proptest! {
        #[test]
        fn agrees_with_a_map(steps in proptest::collection::vec((0_i64..200, any::<bool>()), 1..600)) {
            let (mut entries, mut index, mut model) = (Entries::default(), Index::default(), HashMap::new());
            for (number, wanted) in steps {
                let job = JobId(number);
                prop_assert_eq!(index.find(job, &entries), model.get(&job).copied());
                if wanted && !model.contains_key(&job) {
                    let place = entries.add(job, RulePlace(0), Timestamp::EPOCH).unwrap();
                    index.add(job, place, &entries);
                    model.insert(job, place);
                } else if !wanted {
                    let removed = index.remove(job, &entries);
                    prop_assert_eq!(removed, model.remove(&job));
                    removed.into_iter().for_each(|place| entries.vacate(place));
                }
            }
            for (job, place) in model {
                prop_assert_eq!(index.find(job, &entries), Some(place));
            }
        }
    }
}
