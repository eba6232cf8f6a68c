//! Chance that can be had again: a seed gives the same numbers every time.

use std::sync::OnceLock;

use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;

/// The seed of this process.
static SEED: OnceLock<u64> = OnceLock::new();

/// How to have the same again.
pub(crate) fn replay() -> String {
    SEED.get().map_or_else(String::new, |seed| format!("CRONBUS_STORM_SEED={seed} replays it"))
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and random enough for a test.
pub(crate) struct Random(u64);

impl Random {
    /// From `CRONBUS_STORM_SEED`, else from the time. Says which seed it is.
    pub(crate) fn seeded(what: &str) -> Self {
        let said = || std::env::var("CRONBUS_STORM_SEED").ok().map(|text| text.parse().unwrap());
        let by_time = || SystemClock::start().unwrap().now().millis().unsigned_abs();
        let seed = SEED.get_or_init(|| said().unwrap_or_else(by_time));
        eprintln!("{what}: {}", replay());
        Self(*seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// All of them, in some order (Fisher and Yates).
    pub(crate) fn shuffled<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        let mut shuffled = all.to_vec();
        for place in (1..shuffled.len()).rev() {
            let other = self.between(0, u64::try_from(place).unwrap());
            shuffled.swap(place, usize::try_from(other).unwrap());
        }
        shuffled
    }

    /// One of them.
    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = u64::try_from(choices.len() - 1).unwrap();
        choices[usize::try_from(self.between(0, last)).unwrap()]
    }
}
