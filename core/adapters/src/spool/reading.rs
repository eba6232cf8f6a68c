//! Finding the entries of a segment, however damaged it is.

use std::ops::Range;

use cronbus_core::port::spool::Entry;

use super::record::{self, MARK};

/// What every segment begins with: its format and version.
pub(super) const TITLE: &[u8; 16] = b"cronbus spool 1\n";

/// How many places that look like a record are tried after damage, all in all. Ordinary damage needs one.
const ATTEMPTS: usize = 10_000;

/// What a segment holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Contents {
    /// What could be read, in order.
    pub entries: Vec<Entry>,
    /// The parts that could not, with something readable after them.
    pub damaged: Vec<Range<usize>>,
    /// Where an unfinished last record begins, if there is one.
    pub torn_at: Option<usize>,
}

/// Reads a segment.
pub(super) fn read(bytes: &[u8]) -> Contents {
    let mut contents = Contents::default();
    let mut attempts = ATTEMPTS;
    let mut at = if bytes.starts_with(TITLE) { TITLE.len() } else { 0 };
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some((entry, length)) = record::take(rest) {
            contents.entries.push(entry);
            at += length;
            continue;
        }
        match next_record(bytes, at + 1, &mut attempts) {
            Some(next) => {
                contents.damaged.push(at..next);
                at = next;
            }
            None => {
                contents.torn_at = Some(at);
                return contents;
            }
        }
    }
    contents
}

/// Where the next readable record begins.
fn next_record(bytes: &[u8], from: usize, attempts: &mut usize) -> Option<usize> {
    let mut at = from;
    while *attempts > 0 {
        let rest = bytes.get(at..)?;
        at += rest.windows(MARK.len()).position(|window| window == MARK)?;
        if record::take(bytes.get(at..)?).is_some() {
            return Some(at);
        }
        *attempts -= 1;
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::entry;
    use super::*;
    use proptest::prelude::*;

    fn written(entries: &[Entry]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (TITLE.to_vec(), Vec::new());
        for entry in entries {
            record::put(&mut bytes, entry);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    proptest! {
        #[test]
        fn a_torn_tail_costs_only_the_last_entry(entries in prop::collection::vec(entry(), 0..12), cut in any::<prop::sample::Index>()) {
            let (bytes, ends) = written(&entries);
            let cut = cut.index(bytes.len() - TITLE.len() + 1) + TITLE.len();
            let contents = read(&bytes[..cut]);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            prop_assert_eq!(&contents.entries[..], &entries[..whole]);
            prop_assert!(contents.damaged.is_empty());
        }

        #[test]
        fn damage_costs_only_the_entry_it_hit(entries in prop::collection::vec(entry(), 1..12), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let (mut bytes, ends) = written(&entries);
            let at = TITLE.len() + at.index(bytes.len() - TITLE.len());
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            let mut expected = entries;
            expected.remove(ends.iter().filter(|end| **end <= at).count());
            prop_assert_eq!(read(&bytes).entries, expected);
        }

        #[test]
        fn garbage_is_read_without_panic(bytes in prop::collection::vec(prop_oneof![Just(0xC5), Just(0xB1), any::<u8>()], 0..400)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn searching_is_bounded() {
        let hostile: Vec<u8> = MARK.iter().copied().cycle().take(1 << 20).collect();
        assert_eq!(read(&hostile), Contents { torn_at: Some(0), ..Contents::default() });
    }
}
