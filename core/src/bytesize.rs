//! Sizes in memory and on disk as people write them: `64KiB`, `1MiB`.
//!
//! Units are powers of 1024 (IEC 80000-13). The decimal ones (`kB`, `MB`) are refused: half of those who write them mean
//! the others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quantity;

/// A number of bytes, written with a unit: `B`, `KiB`, `MiB`, `GiB` or `TiB`.
///
/// Shown with the largest unit that leaves no remainder, so that it reads back as the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// The units and their bytes, largest first.
const UNITS: [(&str, u64); 5] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl ByteSize {
    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The number of bytes as a length in memory; as large as can be where it does not fit.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// From KiB.
    #[must_use]
    pub const fn kib(count: u64) -> Self {
        Self(count.saturating_mul(1 << 10))
    }

    /// From MiB.
    #[must_use]
    pub const fn mib(count: u64) -> Self {
        Self(count.saturating_mul(1 << 20))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, size): &&(&str, u64)| self.0 >= *size && self.0.is_multiple_of(*size);
        match UNITS.iter().find(whole) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// The text is not a size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseByteSizeError {
    /// A number stands without a unit.
    #[error("`{text}` has no unit: write `{text}B`, or a number of KiB, MiB, GiB or TiB")]
    NoUnit {
        /// What was written.
        text: String,
    },
    /// It does not follow the grammar.
    #[error("`{text}` is not a size: write a whole number with the unit B, KiB, MiB, GiB or TiB, like 64KiB or 1MiB")]
    Malformed {
        /// What was written.
        text: String,
    },
    /// It does not fit in 64 bits.
    #[error("`{text}` is too large a size: at most {} is allowed", ByteSize(u64::MAX))]
    TooLarge {
        /// What was written.
        text: String,
    },
}

impl FromStr for ByteSize {
    type Err = ParseByteSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = || quantity::excerpt(text.trim());
        let (number, unit) = quantity::split_number(text.trim());
        if number.is_empty() {
            return Err(ParseByteSizeError::Malformed { text: written() });
        }
        if unit.is_empty() {
            return Err(ParseByteSizeError::NoUnit { text: written() });
        }
        let size = UNITS.iter().find(|(name, _)| *name == unit.trim_start()).map(|(_, size)| *size);
        let size = size.ok_or_else(|| ParseByteSizeError::Malformed { text: written() })?;
        let bytes = number.parse::<u64>().ok().and_then(|count| count.checked_mul(size));
        bytes.map(Self).ok_or_else(|| ParseByteSizeError::TooLarge { text: written() })
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        quantity::deserialize(deserializer, "a size like \"1MiB\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_shows() {
        for (text, bytes, shown) in [
            ("0B", 0, "0B"),
            ("512B", 512, "512B"),
            ("64KiB", 65_536, "64KiB"),
            ("1024KiB", 1 << 20, "1MiB"),
            ("1536KiB", 1_572_864, "1536KiB"),
            ("4 MiB", 4 << 20, "4MiB"),
            ("2TiB", 2 << 40, "2TiB"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!(size, ByteSize(bytes), "{text}");
            assert_eq!(size.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn refuses_with_advice() {
        for (text, advice) in [
            ("1024", "write `1024B`"),
            ("", "write a whole number"),
            ("1MB", "KiB, MiB"),
            ("-1MiB", "write a whole number"),
            ("1.5MiB", "write a whole number"),
            ("99999999TiB", "too large"),
        ] {
            let error = text.parse::<ByteSize>().unwrap_err().to_string();
            assert!(error.contains(advice), "{text}: {error}");
        }
    }

    #[test]
    fn goes_through_documents_as_text() {
        assert_eq!(serde_json::to_string(&ByteSize::mib(1)).unwrap(), "\"1MiB\"");
        assert_eq!(serde_json::from_str::<ByteSize>("\"1024KiB\"").unwrap(), ByteSize::mib(1));
        assert!(serde_json::from_str::<ByteSize>("1024").is_err());
    }

    proptest! {
        #[test]
        fn shown_text_reads_back(bytes in any::<u64>(), shift in 0_u32..64) {
            let size = ByteSize(bytes >> shift << (shift / 2));
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }

        #[test]
        fn arbitrary_text_is_answered(text in ".{0,40}") {
            let _ = text.parse::<ByteSize>();
        }
    }
}
