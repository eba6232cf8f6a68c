//! Writing a log file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cronbus_core::port::log::Chunk;
use cronbus_core::time::Timestamp;

use super::frame::{self, TITLE};
use super::reading;

/// One run's log file, made with its first chunk.
#[derive(Debug)]
pub(super) struct Sink {
    path: PathBuf,
    file: Option<File>,
    /// The sequence after the last chunk, and that chunk's time.
    next: (u64, Timestamp),
}

impl Sink {
    /// For the file at `path`, which may be there already.
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, file: None, next: (0, Timestamp::EPOCH) }
    }

    /// Appends chunks by one write.
    pub(super) fn append(&mut self, chunks: &[Chunk]) -> io::Result<()> {
        let Some(last) = chunks.last() else { return Ok(()) };
        let mut frames = Vec::with_capacity(chunks.iter().map(|chunk| chunk.bytes.len() + 64).sum());
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let (file, is_empty) = open(&self.path)?;
                frames.extend_from_slice(if is_empty { TITLE } else { b"" });
                file
            }
        };
        chunks.iter().for_each(|chunk| frame::put_chunk(&mut frames, chunk));
        file.write_all(&frames)?;
        self.file = Some(file);
        self.next = (last.sequence.saturating_add(1), last.at);
        Ok(())
    }

    /// Whether there is anything to close.
    pub(super) const fn has_written(&self) -> bool {
        self.file.is_some()
    }

    /// Says that nothing more comes, where anything came.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let mut end = Vec::new();
        frame::put_end(&mut end, self.next.0, self.next.1);
        file.write_all(&end)
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
