//! Lines that hold a text, out of chunks as they were printed. Pure.

use cronbus_core::port::log::{Chunk, Stream};
use cronbus_core::time::Timestamp;

use super::view::FoundLine;
use crate::web::escapes::without_escapes;

/// The longest line that is looked at as a whole, in bytes; what is longer is looked at in pieces.
const LONGEST_LINE: usize = 64 << 10;

/// How much of a line is shown before and behind what was looked for, in characters.
const BEFORE: usize = 120;
const BEHIND: usize = 240;

/// A line that is being put together.
#[derive(Debug)]
struct Open {
    stream: Stream,
    sequence: u64,
    at: Timestamp,
    bytes: Vec<u8>,
}

/// Looks at one log, chunk by chunk.
#[derive(Debug)]
pub(super) struct Scanner {
    /// In lower case.
    wanted: String,
    open: Option<Open>,
    /// What was found, in order.
    pub(super) found: Vec<FoundLine>,
    most: usize,
    /// Whether there was more than is kept.
    pub(super) more: bool,
}

impl Scanner {
    /// For a text, whatever its case; keeps the first `most` lines that have it.
    pub(super) fn new(text: &str, most: usize) -> Self {
        Self { wanted: text.to_lowercase(), open: None, found: Vec::new(), most, more: false }
    }

    /// Looks at what follows.
    pub(super) fn take(&mut self, chunk: &Chunk) {
        if self.open.as_ref().is_some_and(|open| open.stream != chunk.stream) {
            self.close();
        }
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let open = self.open.get_or_insert_with(|| Open {
                stream: chunk.stream,
                sequence: chunk.sequence,
                at: chunk.at,
                bytes: Vec::new(),
            });
            open.bytes.extend_from_slice(piece);
            if piece.ends_with(b"\n") || open.bytes.len() > LONGEST_LINE {
                self.close();
            }
        }
    }

    /// Looks at the last line, which nothing ended.
    pub(super) fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let text = without_escapes(&String::from_utf8_lossy(&open.bytes));
        let lower = text.to_lowercase();
        let Some(at) = lower.find(&self.wanted) else { return };
        if self.found.len() >= self.most {
            self.more = true;
            return;
        }
        let before = lower.get(..at).map_or(0, |before| before.chars().count());
        let text = excerpt(text.trim_end_matches('\n'), before);
        self.found.push(FoundLine { sequence: open.sequence, at: open.at, stream: open.stream, text });
    }
}

/// The part of a line around the character where something was found.
fn excerpt(line: &str, at: usize) -> String {
    let from = at.saturating_sub(BEFORE);
    let mut letters = line.chars().skip(from);
    let shown: String = letters.by_ref().take(BEFORE + BEHIND).collect();
    let (ahead, rest) = (if from > 0 { "…" } else { "" }, if letters.next().is_some() { "…" } else { "" });
    format!("{ahead}{shown}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk(sequence: u64, stream: Stream, bytes: &[u8]) -> Chunk {
        Chunk { sequence, at: Timestamp::EPOCH, stream, bytes: bytes.to_vec() }
    }

    fn found(wanted: &str, chunks: &[Chunk]) -> Vec<(u64, String)> {
        let mut scanner = Scanner::new(wanted, 3);
        chunks.iter().for_each(|chunk| scanner.take(chunk));
        scanner.close();
        scanner.found.into_iter().map(|line| (line.sequence, line.text)).collect()
    }

    #[test]
    fn a_line_is_found_across_chunks_and_without_its_colours() {
        let out = |sequence, text: &str| chunk(sequence, Stream::Stdout, text.as_bytes());
        let err = |sequence, text: &str| chunk(sequence, Stream::Stderr, text.as_bytes());
        for (wanted, chunks, expected) in [
            ("error", vec![out(0, "fine\nan ERR"), out(1, "OR here\nmore")], vec![(0, "an ERROR here")]),
            ("disk full", vec![out(0, "\u{1b}[31mDisk\u{1b}[0m full")], vec![(0, "Disk full")]),
            ("ab", vec![out(0, "a"), err(1, "b\n"), out(2, "ab")], vec![(2, "ab")]),
            ("größe", vec![out(0, "die GRÖSSE\ndie GRÖßE\n")], vec![(0, "die GRÖßE")]),
            ("磁盘", vec![out(0, "x\n磁盘已满\n")], vec![(0, "磁盘已满")]),
            ("x", vec![out(0, "x\nx\nx\nx\n")], vec![(0, "x"); 3]),
            (".*", vec![out(0, "abc\n")], vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(sequence, text)| (sequence, text.to_owned())).collect();
            assert_eq!(found(wanted, &chunks), expected, "{wanted}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_is_shown() {
        let line = format!("{}needle{}", "a".repeat(1000), "b".repeat(1000));
        let text = found("NEEDLE", &[chunk(0, Stream::Stdout, line.as_bytes())]).pop().unwrap().1;
        assert!(text.starts_with("…aaa") && text.contains("aneedleb") && text.ends_with("b…"), "{text}");
        assert!(text.chars().count() <= BEFORE + BEHIND + 2);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic_and_little_is_kept(
            parts in prop::collection::vec((0_u8..3, prop::collection::vec(any::<u8>(), 0..200)), 0..20),
            wanted in "\\PC{1,4}",
        ) {
            let mut scanner = Scanner::new(&wanted, 2);
            for (sequence, (stream, bytes)) in (0_u64..).zip(parts) {
                let stream = [Stream::Stdout, Stream::Stderr, Stream::System][usize::from(stream)];
                scanner.take(&chunk(sequence, stream, &bytes));
                prop_assert!(scanner.open.as_ref().is_none_or(|open| open.bytes.len() <= LONGEST_LINE + 200));
            }
            scanner.close();
            prop_assert!(scanner.found.len() <= 2);
        }
    }
}
