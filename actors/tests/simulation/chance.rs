//! Chance that replays: all that looks random in a simulation comes from its seed through here.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and one mixing per number, good enough to choose faults by.
#[derive(Debug)]
pub(crate) struct Chance(AtomicU64);

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Spreads the bits of a number over all of its places.
pub(crate) const fn mix(number: u64) -> u64 {
    let a = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    b ^ (b >> 31)
}

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Another source, which what is drawn from this one does not disturb.
    pub(crate) fn branch(&self, name: u64) -> Self {
        Self::new(mix(self.0.load(Relaxed) ^ mix(name.wrapping_add(GAMMA))))
    }

    fn next(&self) -> u64 {
        mix(self.0.fetch_add(GAMMA, Relaxed).wrapping_add(GAMMA))
    }

    /// A number of `range`, which must not be empty.
    pub(crate) fn of(&self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// True so many times in a thousand.
    pub(crate) fn happens(&self, per_mille: u64) -> bool {
        self.of(0..1000) < per_mille
    }

    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.of(0..from.len() as u64)).unwrap()]
    }

    pub(crate) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.of(range))
    }
}
