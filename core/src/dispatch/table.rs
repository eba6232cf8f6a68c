//! A hash table keyed by run ids. They end in bits of a SHA-256, so they need no further hashing, and nobody can choose
//! them to collide.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::id::RunId;

/// A table keyed by run ids.
pub(crate) type RunTable<V> = HashMap<RunId, V, BuildHasherDefault<LastEightBytes>>;

/// Takes the last eight bytes of what it is given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastEightBytes(u64);

impl Hasher for LastEightBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk::<8>() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    // The length that precedes a slice says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
