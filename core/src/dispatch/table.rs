//! Hash tables keyed by ids. Run ids end in bits of a SHA-256, so they need no further hashing, and nobody can choose
//! them to collide.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::id::{JobId, RunId};

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

/// A table keyed by job ids. The store gives them out, so that nobody can choose them to collide.
pub(super) type JobTable<V> = HashMap<JobId, V, BuildHasherDefault<Multiplied>>;

/// Spreads a number over all bits (Fibonacci hashing).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Multiplied(u64);

impl Hasher for Multiplied {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(number) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
