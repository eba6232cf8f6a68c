//! Reading a log file, also while it is written and after it was cut off.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use cronbus_core::port::log::{Chunk, Excerpt, Stream, Written};
use cronbus_core::time::Timestamp;

use super::frame::{Head, Kind, LINE_LIMIT, TITLE};

/// A log file from its first frame on.
struct Frames {
    file: BufReader<File>,
    length: u64,
    at: u64,
    has_title: bool,
}

impl Frames {
    fn open(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut file = BufReader::new(file);
        let mut title = Vec::new();
        file.by_ref().take(TITLE.len() as u64).read_to_end(&mut title)?;
        let has_title = title == TITLE;
        let at = if has_title { TITLE.len() as u64 } else { length };
        Ok(Self { file, length, at, has_title })
    }

    /// The next frame's line; `None` where the file ends or an unfinished frame begins. The frame's bytes must be
    /// skipped or read before the next call.
    fn next(&mut self) -> io::Result<Option<Head>> {
        if self.at >= self.length {
            return Ok(None);
        }
        let mut line = Vec::new();
        let read = self.file.by_ref().take(LINE_LIMIT as u64).read_until(b'\n', &mut line)? as u64;
        let head = line.strip_suffix(b"\n").and_then(Head::parse);
        let whole = head.filter(|head| {
            let end = self.at.saturating_add(read).saturating_add(head.length).saturating_add(1);
            end <= self.length
        });
        if let Some(head) = whole {
            self.at += read + head.length + 1;
        }
        Ok(whole)
    }

    fn skip(&mut self, head: Head) -> io::Result<()> {
        let distance = i64::try_from(head.length.saturating_add(1)).map_err(io::Error::other)?;
        self.file.seek_relative(distance)
    }

    fn bytes(&mut self, head: Head) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.by_ref().take(head.length).read_to_end(&mut bytes)?;
        self.file.seek_relative(1)?;
        Ok(bytes)
    }
}

/// What was read of a file. The excerpt's `complete` says that nothing more stands in the file; whether more may come is
/// for the caller to know.
pub(super) struct Looked {
    pub(super) excerpt: Excerpt,
    /// Where the last frame that was looked at ends the log, or does not.
    last: Option<Head>,
}

impl Looked {
    /// Of a log that nobody writes any more: says so where it was not closed.
    pub(super) fn over(self) -> Excerpt {
        let mut excerpt = self.excerpt;
        if let Some(Head { sequence, at, kind: Kind::Chunk(_), .. }) = self.last
            && excerpt.complete
        {
            put_cut_off(&mut excerpt, sequence.saturating_add(1), at);
        }
        excerpt
    }
}

impl Looked {
    /// Of a log that nobody writes at the moment, and that is gone on with: what is there is not all, unless it was closed.
    pub(super) fn so_far(self) -> Excerpt {
        let is_closed = self.last.is_some_and(|last| last.kind == Kind::End);
        Excerpt { complete: self.excerpt.complete && is_closed, ..self.excerpt }
    }
}

/// Says at the end of an excerpt that the log was not brought to its end, unless that was said before.
pub(super) fn put_cut_off(excerpt: &mut Excerpt, sequence: u64, at: Timestamp) {
    if sequence >= excerpt.next {
        let text = "its node ended while this was written: what came after it is not known\n";
        excerpt.chunks.push(Chunk { sequence, at, stream: Stream::System, bytes: text.as_bytes().to_vec() });
        excerpt.next = sequence.saturating_add(1);
    }
}

/// Reads the chunks from `from` on, at most about `limit_bytes` of them.
pub(super) fn read(path: &Path, from: u64, limit_bytes: usize) -> io::Result<Looked> {
    let mut frames = Frames::open(File::open(path)?)?;
    let mut excerpt = Excerpt { next: from, ..Excerpt::default() };
    let mut last = None;
    let mut bytes = 0;
    while let Some(head) = frames.next()? {
        last = Some(head);
        match head.kind {
            Kind::Chunk(stream) if head.sequence >= from => {
                if bytes >= limit_bytes && !excerpt.chunks.is_empty() {
                    return Ok(Looked { excerpt, last });
                }
                let chunk = Chunk { sequence: head.sequence, at: head.at, stream, bytes: frames.bytes(head)? };
                bytes += chunk.bytes.len();
                excerpt.next = chunk.sequence.saturating_add(1);
                excerpt.chunks.push(chunk);
            }
            _ => frames.skip(head)?,
        }
    }
    excerpt.complete = true;
    Ok(Looked { excerpt, last })
}

/// How far a log has come, and the time of its last chunk.
pub(super) fn written(path: &Path) -> io::Result<(Written, Timestamp)> {
    let (mut written, mut last) = (Written::default(), Timestamp::EPOCH);
    let mut frames = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((written, last)),
        opened => Frames::open(opened?)?,
    };
    while let Some(head) = frames.next()? {
        match head.kind {
            Kind::Chunk(Stream::System) => written.left_out += left_out_by(&frames.bytes(head)?),
            Kind::Chunk(_) => {
                written.bytes += head.length;
                frames.skip(head)?;
            }
            Kind::End => {
                written.is_closed = true;
                frames.skip(head)?;
            }
        }
        written.next = head.sequence.saturating_add(1);
        last = head.at;
    }
    Ok((written, last))
}

/// How many bytes a line of cronbus itself says were left out (`runner/output/recorder.rs`).
fn left_out_by(line: &[u8]) -> u64 {
    let count = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix(LEFT_OUT));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// What follows the number in such a line.
pub(crate) const LEFT_OUT: &str = " bytes of output are left out here\n";

/// Removes what is unfinished from the end of a log that is written again, and goes to that end. Returns whether the log
/// is empty then, without even its title.
///
/// # Errors
/// When it is no log at all.
pub(super) fn mend(mut file: &File) -> io::Result<bool> {
    let mut frames = Frames::open(file.try_clone()?)?;
    while let Some(head) = frames.next()? {
        frames.skip(head)?;
    }
    let end = if frames.has_title { frames.at } else { 0 };
    if !frames.has_title && frames.length >= TITLE.len() as u64 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is there already, and is not a log"));
    }
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    Ok(end == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::frame;
    use cronbus_core::port::log::Stream;
    use cronbus_core::suite::log::chunk;
    use proptest::prelude::*;

    fn written(chunks: &[Chunk]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (TITLE.to_vec(), Vec::new());
        for chunk in chunks {
            frame::put_chunk(&mut bytes, chunk);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn chunks() -> impl Strategy<Value = Vec<Chunk>> {
        let stream = prop::sample::select(vec![Stream::Stdout, Stream::Stderr, Stream::System]);
        let pieces = prop::collection::vec((stream, prop::collection::vec(any::<u8>(), 0..40)), 0..8);
        pieces.prop_map(|pieces| {
            (0..).zip(pieces).map(|(sequence, (stream, bytes))| chunk(sequence, stream, &bytes)).collect()
        })
    }

    proptest! {
        #[test]
        fn a_log_cut_off_anywhere_keeps_its_whole_chunks(chunks in chunks(), cut in any::<prop::sample::Index>()) {
            let file = tempfile::NamedTempFile::new().unwrap();
            let (bytes, ends) = written(&chunks);
            let cut = cut.index(bytes.len() + 1);
            std::fs::write(file.path(), &bytes[..cut]).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            prop_assert_eq!(&read(file.path(), 0, usize::MAX).unwrap().excerpt.chunks[..], &chunks[..whole]);
            let is_empty = mend(&File::options().read(true).write(true).open(file.path()).unwrap()).unwrap();
            prop_assert_eq!(is_empty, cut < TITLE.len());
            prop_assert_eq!(&read(file.path(), 0, usize::MAX).unwrap().excerpt.chunks[..], &chunks[..whole]);
        }

        #[test]
        fn garbage_is_read_without_panic(garbage in "(=== [0-9]{1,25} 2026-11-22T09:00:00Z (stdout|end|x) [0-9]{1,25}\n.{0,9}\n?){0,4}") {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [TITLE, garbage.as_bytes()].concat()).unwrap();
            let _ = read(file.path(), 0, usize::MAX).unwrap();
        }
    }
}
