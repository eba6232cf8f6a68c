//! `@every`: instants a fixed period apart, counted from an anchor. No calendar, no zone.

use crate::duration::Period;
use crate::time::Timestamp;

use super::error::Error;

/// Fires at `anchor + k * period` for every whole k, negative ones too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Every {
    pub(super) period: Period,
    /// The anchor's milliseconds modulo the period: all that matters of it.
    phase: i64,
}

impl Every {
    /// Reads the period; whole seconds, since the timeline keeps due seconds.
    pub(super) fn parse(text: &str, anchor: Timestamp) -> Result<Self, Error> {
        let refuse = |problem: String| Error::Every { text: text.to_owned(), problem };
        let period: Period = text.parse().map_err(|error| refuse(format!("{error}")))?;
        if period.is_zero() || !period.millis().is_multiple_of(1000) {
            return Err(refuse(format!("{period} is not a period in whole seconds, at least 1s")));
        }
        let millis = i64::try_from(period.millis()).map_err(|_| refuse(format!("at most {}", Period::MAX)))?;
        Ok(Self { period, phase: anchor.millis().rem_euclid(millis) })
    }

    /// The first instant strictly after `after`; none past the end of counting.
    pub(super) fn next_after(self, after: Timestamp) -> Option<Timestamp> {
        let millis = i64::try_from(self.period.millis()).ok()?;
        let since_last = after.millis().rem_euclid(millis);
        let wait = if since_last < self.phase { self.phase - since_last } else { millis - since_last + self.phase };
        after.millis().checked_add(wait).map(Timestamp::from_millis)
    }

    /// Equal for periods that fire alike.
    pub(super) fn key(self) -> String {
        format!("every {} {}", self.period.millis(), self.phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_the_anchor_both_ways() {
        for (period, anchor, after, next) in [
            ("10s", 0, 0, 10_000),
            ("10s", 0, 9_999, 10_000),
            ("10s", 0, -1, 0),
            ("10s", 3_000, 0, 3_000),
            ("10s", 3_000, 3_000, 13_000),
            ("10s", 1_000_003_000, 2_999, 3_000),
            ("10s", -7_000, 0, 3_000),
            ("1h30m", 60_000, 60_000, 5_460_000),
        ] {
            let every = Every::parse(period, Timestamp::from_millis(anchor)).unwrap();
            assert_eq!(every.next_after(Timestamp::from_millis(after)), Some(Timestamp::from_millis(next)), "{period}");
        }
    }

    #[test]
    fn ends_with_counting() {
        let every = Every::parse("36500d", Timestamp::EPOCH).unwrap();
        assert_eq!(every.next_after(Timestamp::MAX), None);
        assert!(every.next_after(Timestamp::from_millis(i64::MIN)).is_some());
    }

    #[test]
    fn refuses_with_advice() {
        for (text, advice) in [
            ("0s", "at least 1s"),
            ("500ms", "whole seconds"),
            ("30", "no unit"),
            ("-5s", ""),
            ("99999999d", "100 years"),
        ] {
            let message = Every::parse(text, Timestamp::EPOCH).unwrap_err().to_string();
            assert!(message.contains(advice) && message.contains(text), "{message}");
        }
    }
}
