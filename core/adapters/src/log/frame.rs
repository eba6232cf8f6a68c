//! What a log file is made of.
//!
//! ```text
//!   cronbus log 1
//!   === 0 2026-11-22T09:00:00.007Z stdout 6
//!   hello
//!
//!   === 1 2026-11-22T09:00:01.250Z end 0
//!
//! ```
//!
//! A title, then for each chunk a line with its sequence, time, stream and number of bytes, the bytes, and a newline.
//! The number of bytes is what counts: nothing that a run prints can be taken for a frame. The stream `end` says that
//! the log is closed; more frames follow where it was opened again.

use cronbus_core::port::log::{Chunk, Stream};
use cronbus_core::time::Timestamp;

/// The first line of every log: its format and version.
pub(super) const TITLE: &[u8] = b"cronbus log 1\n";

/// No frame's line is longer.
pub(super) const LINE_LIMIT: usize = 128;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A chunk.
    Chunk(Stream),
    /// The log was closed here.
    End,
}

/// The line before a chunk's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The chunk's sequence; of an end, that of the chunk that would follow.
    pub sequence: u64,
    /// When it was read.
    pub at: Timestamp,
    /// What follows.
    pub kind: Kind,
    /// How many bytes follow, without the newline after them.
    pub length: u64,
}

impl Head {
    /// Reads a line, without its newline.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(line).ok()?.strip_prefix("=== ")?.split(' ');
        let (sequence, at, kind, length) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let kind = match kind {
            "stdout" => Kind::Chunk(Stream::Stdout),
            "stderr" => Kind::Chunk(Stream::Stderr),
            "system" => Kind::Chunk(Stream::System),
            "end" => Kind::End,
            _ => return None,
        };
        let head = Self { sequence: sequence.parse().ok()?, at: at.parse().ok()?, kind, length: length.parse().ok()? };
        words.next().is_none().then_some(head)
    }

    fn put(self, out: &mut Vec<u8>) {
        let word = match self.kind {
            Kind::Chunk(Stream::Stdout) => "stdout",
            Kind::Chunk(Stream::Stderr) => "stderr",
            Kind::Chunk(Stream::System) => "system",
            Kind::End => "end",
        };
        out.extend_from_slice(format!("=== {} {} {word} {}\n", self.sequence, self.at, self.length).as_bytes());
    }
}

/// Appends a chunk's frame.
pub(super) fn put_chunk(out: &mut Vec<u8>, chunk: &Chunk) {
    let length = chunk.bytes.len() as u64;
    Head { sequence: chunk.sequence, at: chunk.at, kind: Kind::Chunk(chunk.stream), length }.put(out);
    out.extend_from_slice(&chunk.bytes);
    out.push(b'\n');
}

/// Appends the frame that closes a log.
pub(super) fn put_end(out: &mut Vec<u8>, sequence: u64, at: Timestamp) {
    Head { sequence, at, kind: Kind::End, length: 0 }.put(out);
    out.push(b'\n');
}
