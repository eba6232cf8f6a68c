//! Writing a log file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cronbus_core::port::log::{Chunk, Written};
use cronbus_core::time::Timestamp;

use super::frame::{self, TITLE};
use super::reading;
use super::shipping::Markers;

/// What a frame takes beside its bytes, at the most.
const FRAME_ROOM: usize = 64;

/// One run's log file, made with its first chunk.
#[derive(Debug)]
pub(super) struct Sink {
    path: PathBuf,
    /// Where it is noted that the log has to be sent elsewhere, if it has.
    markers: Option<Markers>,
    file: Option<File>,
    /// The sequence after the last chunk, and that chunk's time.
    next: (u64, Timestamp),
}

impl Sink {
    /// For the file at `path`, which may be there already.
    pub(super) const fn new(path: PathBuf, markers: Option<Markers>) -> Self {
        Self { path, markers, file: None, next: (0, Timestamp::EPOCH) }
    }

    /// How far the log had come. One that has something and was not closed is gone on with, so that it gets its end also
    /// when nothing more comes.
    pub(super) fn written(&mut self) -> io::Result<Written> {
        let (written, last) = reading::written(&self.path)?;
        if written.next > 0 && !written.is_closed && self.file.is_none() {
            let (file, _) = self.frames(&[])?;
            self.file = Some(file);
            self.next = (written.next, last);
        }
        Ok(written)
    }

    /// Appends chunks by one write.
    pub(super) fn append(&mut self, chunks: &[Chunk]) -> io::Result<()> {
        if chunks.is_empty() {
            return Ok(());
        }
        let (mut file, frames) = self.frames(chunks)?;
        file.write_all(&frames)?;
        self.file = Some(file);
        self.next = self.next_after(chunks);
        Ok(())
    }

    /// Appends chunks and says that nothing more comes, by one write; where nothing ever came, nothing is said.
    pub(super) fn finish(&mut self, chunks: &[Chunk]) -> io::Result<()> {
        if chunks.is_empty() && self.file.is_none() {
            return Ok(());
        }
        let (mut file, mut frames) = self.frames(chunks)?;
        let (sequence, at) = self.next_after(chunks);
        frame::put_end(&mut frames, sequence, at);
        file.write_all(&frames)
    }

    /// Takes the file, opened where it was not, and what is to be written to it.
    fn frames(&mut self, chunks: &[Chunk]) -> io::Result<(File, Vec<u8>)> {
        let length: usize = chunks.iter().map(|chunk| chunk.bytes.len() + FRAME_ROOM).sum();
        let mut frames = Vec::with_capacity(TITLE.len() + length + FRAME_ROOM);
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                if let Some(markers) = &self.markers {
                    markers.set(&self.path)?;
                }
                let (file, is_empty) = open(&self.path)?;
                frames.extend_from_slice(if is_empty { TITLE } else { b"" });
                file
            }
        };
        chunks.iter().for_each(|chunk| frame::put_chunk(&mut frames, chunk));
        Ok((file, frames))
    }

    fn next_after(&self, chunks: &[Chunk]) -> (u64, Timestamp) {
        chunks.last().map_or(self.next, |last| (last.sequence.saturating_add(1), last.at))
    }

    /// Whether there is anything to close.
    pub(super) const fn has_written(&self) -> bool {
        self.file.is_some()
    }
}

/// Opens a log at its end, an older one without what is unfinished, and says whether it is empty.
fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = File::options();
    options.read(true).write(true);
    let mut created = options.clone().create_new(true).open(path);
    if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        && let Some(folder) = path.parent()
    {
        fs::create_dir_all(folder)?;
        created = options.clone().create_new(true).open(path);
    }
    match created {
        Ok(file) => Ok((file, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = options.open(path)?;
            let is_empty = reading::mend(&file)?;
            Ok((file, is_empty))
        }
        Err(error) => Err(error),
    }
}
