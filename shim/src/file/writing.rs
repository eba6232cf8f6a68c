//! The shim's end of the file. What cannot be written is counted; a disk that is full stops no run.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use nix::fcntl::{FallocateFlags, fallocate};

use super::exit::Exit;
use super::record::{self, Record};
use super::slots::{self, BLOCK, Hole, Started};

/// How far apart the places are at the least where output can go on behind the hole.
const LEAST_STEP: u64 = 64 * 1024;

/// How many of these places there are: between the first of them and the end is at least half of the limit.
const STEPS: usize = 4;

/// A place where a record begins.
#[derive(Clone, Copy, Debug)]
struct Step {
    place: u64,
    printed: u64,
}

/// The writing end.
#[derive(Debug)]
pub struct Writing {
    file: File,
    /// Where the next record goes.
    place: u64,
    printed: u64,
    /// How many bytes the head has.
    head: u64,
    step: u64,
    steps: Vec<Step>,
    /// Where what was given back ends; where the head ends before anything was.
    given_back: u64,
    unwritten: u64,
    write_error: i32,
    buffer: Vec<u8>,
}

impl Writing {
    /// Of a file that has its plan, for a run of which so many bytes are to be kept.
    #[must_use]
    pub fn new(file: File, limit: u64) -> Self {
        let step = (limit / 4).max(LEAST_STEP);
        Self {
            file,
            place: BLOCK as u64,
            printed: 0,
            head: limit - limit / 2,
            step,
            steps: Vec::new(),
            given_back: 0,
            unwritten: 0,
            write_error: 0,
            buffer: Vec::new(),
        }
    }

    /// How many bytes were printed.
    #[must_use]
    pub const fn printed(&self) -> u64 {
        self.printed
    }

    /// How many of them could not be written, and the system's error number.
    #[must_use]
    pub const fn unwritten(&self) -> (u64, i32) {
        (self.unwritten, self.write_error)
    }

    /// Keeps what was printed.
    pub fn append(&mut self, is_error: bool, at_ms: i64, bytes: &[u8]) {
        for piece in bytes.chunks(record::LONGEST) {
            self.append_record(is_error, at_ms, piece);
        }
    }

    fn append_record(&mut self, is_error: bool, at_ms: i64, bytes: &[u8]) {
        let count = bytes.len() as u64;
        Record { is_error, at_ms, offset: self.printed, bytes }.put(&mut self.buffer);
        self.note_step();
        self.printed = self.printed.saturating_add(count);
        match self.file.write_all_at(&self.buffer, self.place) {
            Ok(()) => self.place += self.buffer.len() as u64,
            Err(error) => {
                self.unwritten = self.unwritten.saturating_add(count);
                self.write_error = error.raw_os_error().unwrap_or(0);
            }
        }
        // One long line is no reason to keep a large buffer for good.
        if self.buffer.capacity() > 8192 {
            self.buffer = Vec::new();
        }
    }

    /// Behind the head, every now and then a record becomes a place where output can go on; the oldest of them goes.
    fn note_step(&mut self) {
        if self.printed < self.head {
            return;
        }
        if self.steps.last().is_some_and(|last| self.printed - last.printed < self.step) {
            return;
        }
        if self.steps.is_empty() {
            self.given_back = self.place;
        }
        self.steps.push(Step { place: self.place, printed: self.printed });
        if self.steps.len() > STEPS {
            self.steps.remove(0);
            self.give_back();
        }
    }

    /// A file system that cannot give back keeps everything.
    fn give_back(&mut self) {
        let Some(first) = self.steps.first().copied() else { return };
        if slots::write_hole(&self.file, Hole { place: first.place }).is_err() {
            return;
        }
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let (from, length) = (self.given_back, first.place - self.given_back);
        if let (Ok(from), Ok(length)) = (i64::try_from(from), i64::try_from(length)) {
            let _ = fallocate(&self.file, flags, from, length);
        }
        self.given_back = first.place;
    }

    /// Notes the start.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn started(&self, started: Started) -> io::Result<()> {
        slots::write_started(&self.file, started)
    }

    /// Notes the end.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn ended(&self, exit: &Exit) -> io::Result<()> {
        slots::write_exit(&self.file, exit)
    }

    /// Has what was written survive a power cut; of no use to a file that has no name any more.
    pub fn settle(&self) {
        use std::os::unix::fs::MetadataExt;
        if self.file.metadata().is_ok_and(|metadata| metadata.nlink() > 0) {
            let _ = self.file.sync_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_counted_and_stops_nothing() {
        let mut writing = Writing::new(File::options().read(true).write(true).open("/dev/full").unwrap(), 1 << 20);
        writing.append(false, 0, b"lost");
        writing.append(true, 0, b"too");
        assert_eq!((writing.printed(), writing.unwritten()), (7, (7, nix::errno::Errno::ENOSPC as i32)));
    }
}
