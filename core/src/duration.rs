//! Lengths of time as people write them: `250ms`, `30s`, `1h30m`, `30d`.
//!
//! A day is 24 hours and a week seven of them: calendars and clock changes are in [`crate::schedule`].

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quantity;

/// A length of time, written as numbers with units, largest unit first: `1h30m`.
///
/// Units are `w`, `d`, `h`, `m` (minutes), `s` and `ms`. Shown in one canonical way that reads back as the same length
/// (what is finer than a millisecond is not shown): days, hours, minutes, seconds and milliseconds without the zeros,
/// or weeks when it is a whole number of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(pub Duration);

/// The units and their milliseconds, largest first.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Period {
    /// The longest that can be written: 100 years of 365 days.
    pub const MAX: Self = Self::from_millis(36_500 * 86_400_000);

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// From seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// As the standard library's type.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// In whole milliseconds.
    #[must_use]
    pub fn millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl From<Period> for Duration {
    fn from(period: Period) -> Self {
        period.0
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.millis();
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            let whole_weeks_only = unit == "w" && !rest.is_multiple_of(size);
            if rest < size || whole_weeks_only {
                continue;
            }
            write!(f, "{}{unit}", rest / size)?;
            rest %= size;
        }
        Ok(())
    }
}

/// The text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePeriodError {
    /// A number stands without a unit.
    #[error("`{text}` has no unit after a number: write it like {} (or with ms, m, h, d, w)", with_unit(.text))]
    NoUnit {
        /// What was written.
        text: String,
    },
    /// It is written in words, with blanks or in quotes, and can be understood by people only.
    #[error("`{text}` is not how a duration is written: write `{meant}`")]
    Spelt {
        /// What was written.
        text: String,
        /// How it is written.
        meant: String,
    },
    /// It does not follow the grammar.
    #[error("`{text}` is not a duration: write numbers with the units w, d, h, m, s, ms, like 250ms, 30s, 1h30m or 7d")]
    Malformed {
        /// What was written.
        text: String,
    },
    /// The units are not in falling order, or one is repeated.
    #[error("`{text}` is not a duration: write each unit once and the largest first, like 1h30m")]
    Order {
        /// What was written.
        text: String,
    },
    /// It is longer than [`Period::MAX`].
    #[error("`{text}` is too long a duration: at most {} (100 years) is allowed", Period::MAX)]
    TooLong {
        /// What was written.
        text: String,
    },
}

/// What somebody who left the unit out most likely meant.
fn with_unit(text: &str) -> String {
    let (number, rest) = quantity::split_number(text);
    if rest.is_empty() && !number.is_empty() { format!("`{number}s`") } else { "`30s`".to_owned() }
}

/// What people call the units.
const WORDS: [(&str, &[&str]); 6] = [
    ("w", &["w", "week", "weeks"]),
    ("d", &["d", "day", "days"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("m", &["m", "min", "mins", "minute", "minutes"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("ms", &["ms", "msec", "milli", "millis", "millisecond", "milliseconds"]),
];

/// What somebody who wrote something like `5 minutes` meant.
fn meant(text: &str) -> Option<String> {
    let lower = quantity::excerpt(text).to_lowercase();
    let mut rest = lower.trim_matches(|c: char| matches!(c, '"' | '\'') || c.is_whitespace());
    let mut meant = String::new();
    while !rest.is_empty() {
        let (number, behind) = quantity::split_number(rest);
        let (_, unit, after) = leading_part(behind.trim_start());
        let (unit, _) = WORDS.iter().find(|(_, words)| words.contains(&unit)).filter(|_| !number.is_empty())?;
        meant.push_str(number);
        meant.push_str(unit);
        rest = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    (!meant.is_empty() && read(&meant).is_ok()).then_some(meant)
}

impl FromStr for Period {
    type Err = ParsePeriodError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).map_err(|error| match meant(text) {
            Some(meant) => ParsePeriodError::Spelt { text: quantity::excerpt(text), meant },
            None => error,
        })
    }
}

fn read(text: &str) -> Result<Period, ParsePeriodError> {
    let written = || quantity::excerpt(text);
    let mut rest = text.trim();
    let mut larger_units = UNITS.as_slice();
    let mut total = 0_u64;
    if rest.is_empty() {
        return Err(ParsePeriodError::Malformed { text: written() });
    }
    while !rest.is_empty() {
        let (number, unit, after) = leading_part(rest);
        if number.is_empty() {
            return Err(ParsePeriodError::Malformed { text: written() });
        }
        if unit.is_empty() {
            return Err(ParsePeriodError::NoUnit { text: written() });
        }
        let (size, smaller_units) = take_unit(unit, larger_units).ok_or_else(|| unit_error(unit, written()))?;
        total = add_part(total, number, size).ok_or_else(|| ParsePeriodError::TooLong { text: written() })?;
        larger_units = smaller_units;
        rest = after;
    }
    Ok(Period::from_millis(total))
}

/// Digits, then letters, then the rest.
fn leading_part(text: &str) -> (&str, &str, &str) {
    let (number, rest) = quantity::split_number(text);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(end);
    (number, unit, after)
}

/// The size of a unit and the units that may still follow it.
fn take_unit(unit: &str, allowed: &'static [(&'static str, u64)]) -> Option<(u64, &'static [(&'static str, u64)])> {
    let at = allowed.iter().position(|(name, _)| *name == unit)?;
    let (_, size) = allowed.get(at)?;
    Some((*size, allowed.get(at + 1..)?))
}

fn unit_error(unit: &str, text: String) -> ParsePeriodError {
    if UNITS.iter().any(|(name, _)| *name == unit) {
        ParsePeriodError::Order { text }
    } else {
        ParsePeriodError::Malformed { text }
    }
}

fn add_part(total: u64, number: &str, size: u64) -> Option<u64> {
    let sum = number.parse::<u64>().ok()?.checked_mul(size)?.checked_add(total)?;
    (sum <= Period::MAX.millis()).then_some(sum)
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        quantity::deserialize(deserializer, "a duration like \"30s\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_shows() {
        for (text, millis, shown) in [
            ("0s", 0, "0s"),
            ("250ms", 250, "250ms"),
            ("5s", 5_000, "5s"),
            ("90s", 90_000, "1m30s"),
            ("10m", 600_000, "10m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("30d", 2_592_000_000, "30d"),
            ("14d", 1_209_600_000, "2w"),
            ("1w1ms", 604_800_001, "7d1ms"),
            (" 1d12h ", 129_600_000, "1d12h"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period, Period::from_millis(millis), "{text}");
            assert_eq!(period.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn refuses_with_advice() {
        for (text, advice) in [
            ("30", "write it like `30s`"),
            ("-5", "write numbers with the units"),
            ("1h30", "has no unit"),
            ("", "write numbers with the units"),
            ("s", "write numbers with the units"),
            ("5 s", "write `5s`"),
            ("5sec", "write `5s`"),
            ("\"5 minutes\"", "write `5m`"),
            ("1 Hour, 30 minutes", "write `1h30m`"),
            ("5 fortnights", "has no unit"),
            ("five minutes", "write numbers with the units"),
            ("1.5h", "has no unit"),
            ("30m1h", "the largest first"),
            ("1s1s", "each unit once"),
            ("99999999999999999999d", "too long"),
            ("36501d", "too long"),
        ] {
            let error = text.parse::<Period>().unwrap_err().to_string();
            assert!(error.contains(advice), "{text}: {error}");
        }
    }

    #[test]
    fn goes_through_documents_as_text() {
        let period = Period::from_secs(90);
        assert_eq!(serde_json::to_string(&period).unwrap(), "\"1m30s\"");
        assert_eq!(serde_json::from_str::<Period>("\"90s\"").unwrap(), period);
        let error = serde_json::from_str::<Period>("90").unwrap_err().to_string();
        assert!(error.contains("like `90s`"), "{error}");
    }

    proptest! {
        #[test]
        fn shown_text_reads_back(millis in 0..=Period::MAX.millis()) {
            let period = Period::from_millis(millis);
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn arbitrary_text_is_answered(text in ".{0,40}") {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert!(period <= Period::MAX);
            }
        }
    }
}
