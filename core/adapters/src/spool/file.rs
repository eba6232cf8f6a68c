//! The spool on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cronbus_core::port::Spool;
use cronbus_core::port::spool::{Entry, Error, Remembered};

use super::reading::{self, TITLE};
use super::record;
use super::state::{Number, Oldest, State};

/// A segment is sealed when it is longer than this.
const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

/// How the names of segments end.
const EXTENSION: &str = "spool";

/// An executor's memory in a folder.
#[derive(Debug)]
pub struct FileSpool {
    folder: Arc<Folder>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    segment_bytes: u64,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    state: State,
    /// The segments of former lives that have not been read.
    unread: Vec<Number>,
    active: Segment,
    buffer: Vec<u8>,
    /// Held until the spool is dropped, or is another process's.
    lock: Option<File>,
}

/// The segment that is written.
#[derive(Debug)]
struct Segment {
    number: Number,
    file: File,
    length: u64,
    /// Whether something unfinished stands at its end, that could not be removed.
    is_torn: bool,
}

impl FileSpool {
    /// Opens the spool in a folder, which is made if it is not there. Reads nothing yet.
    ///
    /// # Errors
    /// When the folder cannot be used, or another node uses it.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::with_segments(folder, SEGMENT_BYTES)
    }

    fn with_segments(path: &Path, segment_bytes: u64) -> Result<Self, Error> {
        let failed = |error: io::Error| refused(path, &error);
        fs::create_dir_all(path).map_err(failed)?;
        let lock = OpenOptions::new().create(true).append(true).open(path.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|_| Error {
            path: path.display().to_string(),
            reason: "another node uses it; give each node a data directory of its own".to_owned(),
        })?;
        let unread = segments(path).map_err(failed)?;
        let active = Segment::create(path, unread.last().map_or(1, |last| last + 1)).map_err(failed)?;
        let mut state = State::default();
        unread.iter().for_each(|number| state.add_segment(*number));
        state.add_segment(active.number);
        let inside = Mutex::new(Inside { state, unread, active, buffer: Vec::new(), lock: Some(lock) });
        Ok(Self { folder: Arc::new(Folder { path: path.to_owned(), segment_bytes, inside }) })
    }
}

#[async_trait]
impl Spool for FileSpool {
    async fn recover(&self) -> Result<Vec<Remembered>, Error> {
        let folder = Arc::clone(&self.folder);
        let path = folder.path.clone();
        let recovered = tokio::task::spawn_blocking(move || folder.recover()).await;
        recovered.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| refused(&path, &error))
    }

    /// Writes to the page cache where it is called: a small write takes less time than a hop to another thread.
    async fn append(&self, entries: &[Entry]) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        self.folder.append(entries).map_err(|error| refused(&self.folder.path, &error))
    }

    fn retire(&self) {
        self.folder.inside().lock = None;
    }
}

impl Folder {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recover(&self) -> io::Result<Vec<Remembered>> {
        let mut inside = self.inside();
        while let Some(number) = inside.unread.first().copied() {
            for entry in self.read(number)? {
                inside.state.apply(&entry, number);
            }
            inside.unread.remove(0);
        }
        inside.tidy(&self.path)?;
        Ok(inside.state.remembered())
    }

    fn read(&self, number: Number) -> io::Result<Vec<Entry>> {
        let path = segment_path(&self.path, number);
        let bytes = fs::read(&path)?;
        let contents = reading::read(&bytes);
        if !contents.damaged.is_empty() {
            let aside = path.with_extension("damaged");
            tracing::warn!(segment = %path.display(), aside = %aside.display(), parts = contents.damaged.len(),
                "a part of the spool is damaged and set aside; the runs it was about are unknown to this node");
            let parts = contents.damaged.iter().filter_map(|part| bytes.get(part.clone()));
            fs::write(&aside, parts.flatten().copied().collect::<Vec<u8>>())?;
        }
        if let Some(at) = contents.torn_at {
            tracing::info!(segment = %path.display(), at, "the last entry was not finished and is left out");
        }
        Ok(contents.entries)
    }

    fn append(&self, entries: &[Entry]) -> io::Result<()> {
        let mut inside = self.inside();
        if inside.lock.is_none() {
            return Err(io::Error::other("it is another process's now"));
        }
        if inside.active.is_torn {
            inside.seal(&self.path)?;
        }
        inside.write(entries)?;
        let active = inside.active.number;
        for entry in entries {
            inside.state.apply(entry, active);
        }
        if inside.active.length >= self.segment_bytes
            && let Err(error) = inside.seal(&self.path).and_then(|()| inside.tidy(&self.path))
        {
            // The entries are written; the folder only grows until this works.
            tracing::warn!(folder = %self.path.display(), %error, "the spool could not be tidied");
        }
        Ok(())
    }
}

impl Inside {
    fn write(&mut self, entries: &[Entry]) -> io::Result<()> {
        self.buffer.clear();
        for entry in entries {
            record::put(&mut self.buffer, entry);
        }
        self.active.write(&self.buffer)
    }

    /// Goes on in a new segment.
    fn seal(&mut self, folder: &Path) -> io::Result<()> {
        self.active = Segment::create(folder, self.active.number + 1)?;
        self.state.add_segment(self.active.number);
        Ok(())
    }

    /// Removes segments that are not needed any more, the oldest first.
    fn tidy(&mut self, folder: &Path) -> io::Result<()> {
        let active = self.active.number;
        // What is needed of a segment is not known before it is read.
        while self.unread.is_empty() {
            match self.state.oldest(active) {
                Oldest::Keep => return Ok(()),
                Oldest::Delete(number) => {
                    fs::remove_file(segment_path(folder, number))?;
                    self.state.forget_segment(number);
                }
                Oldest::Move(number, entries) => {
                    self.write(&entries)?;
                    self.state.moved(number, active);
                }
            }
        }
        Ok(())
    }
}

impl Segment {
    fn create(folder: &Path, number: Number) -> io::Result<Self> {
        let path = segment_path(folder, number);
        let mut file = OpenOptions::new().create_new(true).append(true).open(&path)?;
        if let Err(error) = file.write_all(TITLE) {
            // Every try would leave one more on a full disk.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self { number, file, length: TITLE.len() as u64, is_torn: false })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            self.is_torn = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn segment_path(folder: &Path, number: Number) -> PathBuf {
    folder.join(format!("{number:08}.{EXTENSION}"))
}

/// The numbers of the segments in a folder, ascending.
fn segments(folder: &Path) -> io::Result<Vec<Number>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let number: Option<Number> = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        numbers.extend(number.filter(|_| is_segment));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::JobId;
    use cronbus_core::suite;
    use cronbus_core::suite::spool::{full_outcome, run};

    fn whole_life(number: i64) -> [Entry; 3] {
        let (run, job) = (run(number), JobId(number));
        [
            Entry::Accepted { run, job },
            Entry::Ended { run, job, outcome: full_outcome("") },
            Entry::Acknowledged { run },
        ]
    }

    #[tokio::test]
    async fn keeps_the_contract() {
        for segment_bytes in [SEGMENT_BYTES, 200, 1] {
            let folder = tempfile::tempdir().unwrap();
            suite::spool::check(async || FileSpool::with_segments(folder.path(), segment_bytes).unwrap()).await;
        }
    }

    #[tokio::test]
    async fn the_folder_stays_small_around_a_run_that_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let spool = FileSpool::with_segments(folder.path(), 4096).unwrap();
        assert_eq!(spool.recover().await.unwrap(), []);
        spool.append(&[Entry::Accepted { run: run(-1), job: JobId(-1) }]).await.unwrap();
        for number in 0..2000 {
            spool.append(&whole_life(number)).await.unwrap();
        }
        assert!(segments(folder.path()).unwrap().len() <= 3);
        drop(spool);
        let spool = FileSpool::open(folder.path()).unwrap();
        let left = spool.recover().await.unwrap();
        assert_eq!(left.iter().map(|one| one.job).collect::<Vec<_>>(), [JobId(-1)]);
    }

    #[tokio::test]
    async fn damage_is_set_aside_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let spool = FileSpool::open(folder.path()).unwrap();
        let accepted: Vec<Entry> = (0..3).map(|job| Entry::Accepted { run: run(job), job: JobId(job) }).collect();
        spool.append(&accepted).await.unwrap();
        drop(spool);
        let path = segment_path(folder.path(), 1);
        let mut bytes = fs::read(&path).unwrap();
        let length = (bytes.len() - TITLE.len()) / 3;
        bytes[TITLE.len() + length + 20] ^= 1;
        bytes.extend_from_slice(&[0xC5, 0xB1, 9]);
        fs::write(&path, bytes).unwrap();
        let spool = FileSpool::open(folder.path()).unwrap();
        let left = spool.recover().await.unwrap();
        let mut jobs: Vec<i64> = left.iter().map(|one| one.job.0).collect();
        jobs.sort_unstable();
        assert_eq!(jobs, [0, 2]);
        assert_eq!(fs::read(path.with_extension("damaged")).unwrap().len(), length);
    }

    #[tokio::test]
    async fn two_nodes_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let spool = FileSpool::open(folder.path()).unwrap();
        let refused = FileSpool::open(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("another node uses it"), "{refused}");
        drop(spool);
        assert!(FileSpool::open(folder.path()).is_ok());
    }

    #[tokio::test]
    async fn one_that_is_handed_over_takes_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let spool = FileSpool::open(folder.path()).unwrap();
        spool.append(&[Entry::Accepted { run: run(1), job: JobId(1) }]).await.unwrap();
        spool.retire();
        let successor = FileSpool::open(folder.path()).unwrap();
        assert_eq!(successor.recover().await.unwrap().len(), 1);
        assert!(spool.append(&[Entry::Accepted { run: run(2), job: JobId(2) }]).await.is_err());
        successor.append(&[Entry::Acknowledged { run: run(1) }]).await.unwrap();
    }
}
