//! One piece of output as it stands in the file.
//!
//! ```text
//!   mark C5 5B · stream u8 · 0 · length u32 · CRC-32 of all that follows and the stream u32 · time i64 (ms) · offset u64
//!   · bytes
//! ```
//!
//! The offset is how many bytes were printed before this piece: what is missing between two pieces is known by it.

use crate::words::{Reader, Writer};

/// What a record begins with.
const MARK: [u8; 2] = [0xC5, 0x5B];

/// What a record takes beside its bytes.
pub(super) const HEADER: usize = 28;

/// No record has more bytes: what is read of a pipe at a time.
pub(crate) const LONGEST: usize = 64 * 1024;

/// A piece of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Whether it came from standard error.
    pub(super) is_error: bool,
    /// When it was read.
    pub(super) at_ms: i64,
    /// How many bytes were printed before it.
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
}

impl Record<'_> {
    /// Puts it in place of what `out` has.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.clear();
        let mut words = Writer(std::mem::take(out));
        words.0.extend_from_slice(&MARK);
        words.u8(u8::from(self.is_error)).u8(0).u32(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        words.u32(self.checksum()).i64(self.at_ms).u64(self.offset);
        words.0.extend_from_slice(self.bytes);
        *out = words.0;
    }

    fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&[u8::from(self.is_error)]);
        hasher.update(&self.at_ms.to_le_bytes());
        hasher.update(&self.offset.to_le_bytes());
        hasher.update(self.bytes);
        hasher.finalize()
    }
}

/// The record that `bytes` begin with and its whole length; `None` when there is none, or not all of it.
pub(super) fn take(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    let mut words = Reader(bytes);
    if words.array()? != MARK {
        return None;
    }
    let is_error = match words.array()? {
        [0, 0] => false,
        [1, 0] => true,
        _ => return None,
    };
    let length = usize::try_from(words.u32()?).ok().filter(|length| *length <= LONGEST)?;
    let (checksum, at_ms, offset) = (words.u32()?, words.i64()?, words.u64()?);
    let record = Record { is_error, at_ms, offset, bytes: words.slice(length)? };
    (record.checksum() == checksum).then_some((record, HEADER + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_changed_or_cut_record_is_not_read(
            bytes in prop::collection::vec(any::<u8>(), 1..90),
            numbers in any::<(bool, i64, u64)>(),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let record = Record { is_error: numbers.0, at_ms: numbers.1, offset: numbers.2, bytes: &bytes };
            let mut out = vec![9];
            record.put(&mut out);
            prop_assert_eq!(take(&out), Some((record, out.len())));
            let at = at.index(out.len());
            prop_assert_eq!(take(&out[..at]), None);
            out[at] ^= 1 << bit;
            prop_assert_eq!(take(&out), None);
        }
    }
}
