//! What a service says of itself to whoever examines it before a node uses it: its version, and what time it is there.
//! Nothing is made or changed there.

use cronbus_core::time::Timestamp;

/// A service that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What it is, as it calls itself, like `MariaDB` or `NATS`.
    pub product: &'static str,
    /// Its version, as it says it.
    pub version: String,
    /// How its clock stands to this one; absent where it does not tell.
    pub clock: Option<Offset>,
    /// What is not as a node needs it, each with what to do.
    pub complaints: Vec<String>,
}

/// A service that could not be examined.
#[derive(Debug, thiserror::Error)]
#[error("{place} cannot be used: {reason}")]
pub struct Unusable {
    /// Where it should be, without its password.
    pub place: String,
    /// Why, and what to do.
    pub reason: String,
}

/// How another clock stands to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// By how much it is ahead, in milliseconds; negative: behind.
    pub ahead_ms: i64,
    /// How far off that can be, since the answer was under way, in milliseconds.
    pub give_or_take_ms: i64,
}

impl Offset {
    /// From what the other clock showed somewhere between two looks at this one.
    #[must_use]
    pub fn measured(before: Timestamp, there: Timestamp, after: Timestamp) -> Self {
        let on_the_way = after.millis().saturating_sub(before.millis()).max(0);
        let middle = before.millis().saturating_add(on_the_way / 2);
        Self { ahead_ms: there.millis().saturating_sub(middle), give_or_take_ms: on_the_way.saturating_add(1) / 2 }
    }

    /// The least that the clocks can differ by, in milliseconds.
    #[must_use]
    pub const fn at_least_ms(self) -> i64 {
        let difference = self.ahead_ms.saturating_abs().saturating_sub(self.give_or_take_ms);
        if difference > 0 { difference } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_no_surer_than_the_way_was_short() {
        let offset = |before, there, after| {
            let of = Timestamp::from_millis;
            let offset = Offset::measured(of(before), of(there), of(after));
            (offset.ahead_ms, offset.at_least_ms())
        };
        assert_eq!(offset(1_000, 1_050, 1_100), (0, 0));
        assert_eq!(offset(1_000, 4_000, 1_100), (2_950, 2_900));
        assert_eq!(offset(5_000, 1_000, 5_000), (-4_000, 4_000));
        assert_eq!(offset(5_000, 5_000, 4_000), (0, 0));
    }
}
