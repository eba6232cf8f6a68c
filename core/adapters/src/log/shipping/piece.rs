//! What one message of a run's log holds: a part of its file, whole frames only.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version of this layout: 1 |
//! | 1 | flags: 1 the log ends here, 2 it was not closed by whoever wrote it, 4 its newest output is not kept yet |
//! | 8 | how many bytes of the file come before it, big-endian |
//! | … | frames, as in the file |
//!
//! A file can be read to its end by whoever knows how far it was sent, and a reader sees what is missing and what came
//! twice.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use cronbus_core::port::log::Chunk;

use super::super::frame::{Head, Kind, LINE_LIMIT, TITLE};

const VERSION: u8 = 1;
const ENDS: u8 = 1;
const CUT_OFF: u8 = 2;
const HELD_BACK: u8 = 4;

/// A message is full when it holds this much, and holds at most one chunk more.
pub(super) const FULL: usize = 64 << 10;

/// How much of a file is looked at for one message: almost full, the largest frame there is, and the one after it.
const LOOKED_AT: u64 = 4 * (64 << 10);

/// The first byte of a file that is sent.
pub(super) const BEGIN: u64 = TITLE.len() as u64;

/// What a message says of the log beside what was printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// Nothing comes after it.
    pub(super) ends: bool,
    /// It was not closed: what came last may be missing.
    pub(super) cut_off: bool,
    /// There is newer output that may still be left out; its host shows it.
    pub(super) held_back: bool,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) flags: Flags,
    /// Where in the file it begins.
    pub(super) offset: u64,
    pub(super) frames: Vec<u8>,
}

impl Piece {
    /// Where in the file the next one begins.
    pub(super) fn end(&self) -> u64 {
        self.offset.saturating_add(self.frames.len() as u64)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let Flags { ends, cut_off, held_back } = self.flags;
        let flag = |is_set: bool, bit| if is_set { bit } else { 0 };
        let mut bytes = Vec::with_capacity(10 + self.frames.len());
        bytes.push(VERSION);
        bytes.push(flag(ends, ENDS) | flag(cut_off, CUT_OFF) | flag(held_back, HELD_BACK));
        bytes.extend_from_slice(&self.offset.to_be_bytes());
        bytes.extend_from_slice(&self.frames);
        bytes
    }

    /// The piece in a message; `None` when it is none that this version knows.
    pub(super) fn decode(message: &[u8]) -> Option<Self> {
        let ([version, flags], rest) = message.split_first_chunk()?;
        let (offset, frames) = rest.split_first_chunk()?;
        let is_set = |bit| flags & bit != 0;
        (*version == VERSION).then(|| Self {
            flags: Flags { ends: is_set(ENDS), cut_off: is_set(CUT_OFF), held_back: is_set(HELD_BACK) },
            offset: u64::from_be_bytes(*offset),
            frames: frames.to_vec(),
        })
    }

    /// What it holds, in order, up to anything that is no frame.
    pub(super) fn chunks(&self) -> Vec<Chunk> {
        let mut walk = Walk { bytes: &self.frames, at: 0 };
        let mut chunks = Vec::new();
        while let Some((Head { sequence, at, kind, .. }, bytes)) = walk.next() {
            if let Kind::Chunk(stream) = kind {
                chunks.push(Chunk { sequence, at, stream, bytes: bytes.to_vec() });
            }
        }
        chunks
    }
}

/// What a file has from some byte on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) frames: Vec<u8>,
    /// Whether whole frames come after these.
    pub(super) has_more: bool,
    /// Whether the last of them closes the log.
    pub(super) is_closed: bool,
}

/// Cuts the next message out of a file.
pub(super) fn cut(path: &Path, offset: u64) -> io::Result<Cut> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut bytes)?;
    let mut walk = Walk { bytes: &bytes, at: 0 };
    let (mut end, mut is_closed, mut has_more) = (0, false, false);
    while let Some((head, _)) = walk.next() {
        if end >= FULL {
            has_more = true;
            break;
        }
        (end, is_closed) = (walk.at, head.kind == Kind::End);
    }
    bytes.truncate(end);
    Ok(Cut { frames: bytes, has_more, is_closed })
}

/// Goes over frames in memory.
struct Walk<'frames> {
    bytes: &'frames [u8],
    at: usize,
}

impl<'frames> Walk<'frames> {
    /// The next whole frame.
    fn next(&mut self) -> Option<(Head, &'frames [u8])> {
        let rest = self.bytes.get(self.at..)?;
        let line = rest.iter().take(LINE_LIMIT).position(|byte| *byte == b'\n')?;
        let head = Head::parse(rest.get(..line)?)?;
        let begin = line + 1;
        let end = begin.checked_add(usize::try_from(head.length).ok()?)?;
        let content = rest.get(begin..end)?;
        // The newline after it.
        rest.get(end)?;
        self.at += end + 1;
        Some((head, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::frame;
    use cronbus_core::port::log::Stream;
    use cronbus_core::suite::log::chunk;
    use proptest::prelude::*;

    #[test]
    fn a_file_is_cut_into_whole_frames_and_read_from_them() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = TITLE.to_vec();
        let chunks: Vec<Chunk> =
            (0..9).map(|number| chunk(number, Stream::Stderr, &vec![b'x'; 7_000 * number as usize])).collect();
        chunks.iter().for_each(|chunk| frame::put_chunk(&mut bytes, chunk));
        frame::put_end(&mut bytes, 9, chunks[8].at);
        let whole = bytes.len() as u64;
        bytes.extend_from_slice(b"=== 10 2026");
        std::fs::write(file.path(), &bytes).unwrap();
        let (mut offset, mut read) = (BEGIN, Vec::new());
        loop {
            let Cut { frames, has_more, is_closed } = cut(file.path(), offset).unwrap();
            assert!(frames.len() < FULL + 70_000);
            let piece = Piece { flags: Flags { ends: !has_more, ..Flags::default() }, offset, frames };
            let piece = Piece::decode(&piece.encode()).unwrap();
            read.extend(piece.chunks());
            offset = piece.end();
            assert_eq!(is_closed, !has_more);
            if piece.flags.ends {
                break;
            }
        }
        assert_eq!((offset, read), (whole, chunks));
        assert_eq!(cut(file.path(), offset).unwrap(), Cut { frames: vec![], has_more: false, is_closed: false });
    }

    proptest! {
        #[test]
        fn garbage_is_no_piece_or_an_empty_one(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(piece) = Piece::decode(&bytes) {
                prop_assert!(piece.chunks().is_empty());
            }
        }

        #[test]
        fn lengths_of_any_size_are_survived(text in "(=== [0-9]{1,25} 2026-11-22T09:00:00Z (stdout|end|x) [0-9]{1,25}\n.{0,9}\n?){0,4}") {
            let _ = Piece { flags: Flags::default(), offset: u64::MAX, frames: text.into_bytes() }.chunks();
        }
    }
}
