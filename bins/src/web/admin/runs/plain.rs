//! Output as lines of plain text.

use cronbus_core::port::log::{Chunk, Stream};

use crate::web::escapes::without_escapes;

/// A line of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The class of its stream.
    pub(super) class: &'static str,
    /// Without the line break.
    pub(super) text: String,
    /// The chunk that it begins in.
    pub(super) sequence: u64,
    /// Whether what follows in its stream belongs to it.
    pub(super) is_open: bool,
    /// Whether it has what was looked for.
    pub(super) is_found: bool,
    /// Whether it is the line that is shown at once.
    pub(super) is_place: bool,
}

/// A line as it is put together.
struct Raw {
    stream: Stream,
    sequence: u64,
    bytes: Vec<u8>,
}

/// The lines of chunks. A line that two streams wrote is two lines.
pub(super) fn lines(chunks: &[Chunk]) -> Vec<Line> {
    let mut raw: Vec<Raw> = Vec::new();
    for chunk in chunks {
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            match raw.last_mut().filter(|last| last.stream == chunk.stream && !last.bytes.ends_with(b"\n")) {
                Some(last) => last.bytes.extend_from_slice(piece),
                None => raw.push(Raw { stream: chunk.stream, sequence: chunk.sequence, bytes: piece.to_vec() }),
            }
        }
    }
    raw.into_iter().map(line).collect()
}

fn line(raw: Raw) -> Line {
    let text = without_escapes(&String::from_utf8_lossy(&raw.bytes));
    Line {
        class: class(raw.stream),
        text: text.strip_suffix('\n').unwrap_or(&text).to_owned(),
        sequence: raw.sequence,
        is_open: !raw.bytes.ends_with(b"\n"),
        is_found: false,
        is_place: false,
    }
}

/// The class of a stream in the page.
const fn class(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "out",
        Stream::Stderr => "err",
        Stream::System => "sys",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::time::Timestamp;

    #[test]
    fn lines_are_put_together_from_chunks_and_told_apart_by_stream() {
        let chunk = |sequence, stream, text: &str| Chunk { sequence, at: Timestamp::EPOCH, stream, bytes: text.into() };
        let chunks = [
            chunk(0, Stream::Stdout, "on"),
            chunk(1, Stream::Stdout, "e\ntwo\n"),
            chunk(2, Stream::Stderr, "bad\n"),
            chunk(3, Stream::Stdout, "\nla"),
        ];
        let shown: Vec<_> = lines(&chunks).into_iter().map(|line| (line.sequence, line.class, line.text)).collect();
        let line = |sequence, class, text: &str| (sequence, class, text.to_owned());
        let expected = [
            line(0, "out", "one"),
            line(1, "out", "two"),
            line(2, "err", "bad"),
            line(3, "out", ""),
            line(3, "out", "la"),
        ];
        assert_eq!(shown, expected);
        assert!(lines(&chunks).last().is_some_and(|line| line.is_open));
    }
}
