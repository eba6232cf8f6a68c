//! The log port on files.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::RunId;
use cronbus_core::job::{JobName, LogKeep};
use cronbus_core::port::Log;
use cronbus_core::port::log::{Chunk, Error, Excerpt, Subject, Tail, Writer, Written};
use cronbus_core::time::Timestamp;
use tokio::sync::watch;

use super::keeping::Rules;
use super::shipping::{Desk, Markers};
use super::shown::Shown;
use super::sweep::{Sweep, Swept};
use super::writing::Sink;
use super::{place, reading};
use crate::{blocking, runner};

/// The logs that are being written by this process.
type Open = Arc<Mutex<HashMap<RunId, Live>>>;

/// A log that is being written.
#[derive(Debug)]
struct Live {
    /// The sequence after its last chunk.
    progress: watch::Sender<u64>,
    shown: Shown,
}

/// Logs in a folder.
#[derive(Clone, Debug)]
pub struct FileLog {
    folder: Arc<Path>,
    open: Open,
    rules: Rules,
    /// Where what is written is told, if it is to be sent elsewhere.
    desk: Option<Arc<Desk>>,
    /// Where there is a file for each run that may go on without this process.
    runs: Option<Arc<Path>>,
}

impl FileLog {
    /// Opens the logs in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
        let rules = Rules::open(folder).map_err(|error| refused(folder, &error))?;
        Ok(Self { folder: folder.into(), open: Open::default(), rules, desk: None, runs: None })
    }

    /// The same, noting what is to be sent elsewhere.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn open_to_ship(folder: &Path) -> Result<Self, Error> {
        let log = Self::open(folder)?;
        let markers = Markers::open(folder).map_err(|error| refused(folder, &error))?;
        Ok(Self { desk: Some(Arc::new(Desk::new(markers))), ..log })
    }

    /// Tells where runs that outlive a process have their files: their logs are gone on with although nobody writes them
    /// at the moment.
    #[must_use]
    pub fn with_runs(self, folder: &Path) -> Self {
        Self { runs: Some(folder.into()), ..self }
    }

    /// Whether more may come of a log although this process does not write it.
    pub(super) fn may_go_on(&self, run: RunId) -> bool {
        self.runs.as_ref().is_some_and(|folder| runner::file_of(folder, run).exists())
    }

    /// Removes what need not be kept any more; says what went.
    pub(super) async fn sweep(&self, now: Timestamp, age: Duration) -> Result<Swept, Error> {
        let log = self.clone();
        let swept = blocking::elsewhere(move || {
            let rules = log.rules.all();
            let is_unsent = |run| log.desk.as_ref().is_some_and(|desk| desk.markers().has(run));
            let is_in_use = |run| log.is_open(run) || is_unsent(run);
            let sweep = Sweep { folder: &log.folder, now, age, rules: &rules, is_in_use: &is_in_use };
            let swept = sweep.run()?;
            swept.empty.iter().try_for_each(|name| log.rules.forget(name))?;
            Ok(swept)
        });
        swept.await.map_err(|error| refused(&self.folder, &error))
    }

    /// Where what is to be sent elsewhere is noted.
    pub(super) const fn desk(&self) -> Option<&Arc<Desk>> {
        self.desk.as_ref()
    }

    /// Whether this process writes a run's log.
    pub(super) fn is_open(&self, run: RunId) -> bool {
        self.live().contains_key(&run)
    }

    /// Whether a log has an end that is shown and not kept yet.
    pub(super) fn holds_back(&self, run: RunId) -> bool {
        self.live().get(&run).is_some_and(|live| !live.shown.is_empty())
    }

    fn live(&self) -> MutexGuard<'_, HashMap<RunId, Live>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self, run: RunId) -> Option<watch::Receiver<u64>> {
        self.live().get(&run).map(|live| live.progress.subscribe())
    }

    /// Puts what is shown of a log that is being written behind what is kept of it.
    fn with_tail(&self, run: RunId, mut excerpt: Excerpt, limit_bytes: usize) -> Excerpt {
        if excerpt.complete
            && let Some(live) = self.live().get(&run)
        {
            live.shown.put_behind(&mut excerpt, limit_bytes);
        }
        Excerpt { complete: false, ..excerpt }
    }
}

#[async_trait]
impl Log for FileLog {
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, Error> {
        let path = place::path(&self.folder, subject);
        let live = Live { progress: watch::Sender::new(0), shown: Shown::default() };
        self.live().insert(subject.run, live);
        let markers = self.desk.as_ref().map(|desk| desk.markers().clone());
        Ok(Box::new(FileWriter {
            run: subject.run,
            path: path.as_path().into(),
            sink: Arc::new(Mutex::new(Sink::new(path, markers))),
            log: self.clone(),
        }))
    }

    async fn read(&self, subject: &Subject, from: u64, limit_bytes: usize) -> Result<Excerpt, Error> {
        // Asked before the file is read: what is closed meanwhile is read again.
        let is_open = self.progress(subject.run).is_some();
        let may_go_on = self.may_go_on(subject.run);
        let path = place::path(&self.folder, subject);
        let target = path.clone();
        match blocking::elsewhere(move || reading::read(&target, from, limit_bytes)).await {
            Ok(read) if is_open => Ok(self.with_tail(subject.run, read.excerpt, limit_bytes)),
            Ok(read) if may_go_on => Ok(read.so_far()),
            Ok(read) => Ok(read.over()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused(&path, &error)),
            Err(_) if is_open => {
                let nothing = Excerpt { next: from, complete: true, ..Excerpt::default() };
                Ok(self.with_tail(subject.run, nothing, limit_bytes))
            }
            Err(_) if may_go_on => Ok(Excerpt { next: from, ..Excerpt::default() }),
            Err(_) => Err(Error::NotFound { run: subject.run }),
        }
    }

    async fn wait(&self, subject: &Subject, from: u64) {
        if let Some(mut progress) = self.progress(subject.run) {
            // An error says that the log was closed, which is waited for as well.
            let _ = progress.wait_for(|next| *next > from).await;
        }
    }

    async fn keep(&self, job: &JobName, rule: LogKeep) -> Result<(), Error> {
        if self.rules.knows(job, rule) {
            return Ok(());
        }
        let (rules, job) = (self.rules.clone(), job.clone());
        let noted = blocking::elsewhere(move || rules.note(&job, rule)).await;
        noted.map_err(|error| refused(&self.folder, &error))
    }

    async fn prune(&self, now: Timestamp, age: Duration) -> Result<u64, Error> {
        Ok(self.sweep(now, age).await?.count)
    }
}

/// What is done to a log's file with some chunks.
type Work = fn(&mut Sink, &[Chunk]) -> io::Result<()>;

/// The writing end. Writes happen on threads that may block, one after the other.
#[derive(Debug)]
struct FileWriter {
    run: RunId,
    path: Arc<Path>,
    sink: Arc<Mutex<Sink>>,
    log: FileLog,
}

impl FileWriter {
    async fn write(&self, chunks: &[Chunk], work: Work) -> Result<(), Error> {
        let written = if blocking::is_allowed_here() {
            work(&mut self.sink(), chunks)
        } else {
            let (sink, chunks) = (Arc::clone(&self.sink), chunks.to_vec());
            let write = move || work(&mut sink.lock().unwrap_or_else(PoisonError::into_inner), &chunks);
            blocking::elsewhere(write).await
        };
        written.map_err(|error| refused(&self.path, &error))
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing more comes: whoever ships it is told, if there is anything.
    fn leave(&self, has_file: bool) {
        let was_open = self.log.live().remove(&self.run).is_some();
        if let Some(desk) = &self.log.desk
            && was_open
            && has_file
        {
            desk.is_closed(self.run, &self.path);
        }
    }

    fn tell(&self, next: u64, bytes: usize, shown: impl FnOnce(&mut Shown)) {
        if let Some(live) = self.log.live().get_mut(&self.run) {
            shown(&mut live.shown);
            live.progress.send_replace(next);
        }
        if let Some(desk) = &self.log.desk {
            desk.has_news(self.run, &self.path, bytes);
        }
    }
}

#[async_trait]
impl Writer for FileWriter {
    async fn append(&mut self, chunks: &[Chunk]) -> Result<(), Error> {
        let Some(next) = chunks.last().map(|chunk| chunk.sequence.saturating_add(1)) else { return Ok(()) };
        self.write(chunks, Sink::append).await?;
        let bytes = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        self.tell(next, bytes, |shown| shown.forget_before(next));
        Ok(())
    }

    async fn written(&mut self) -> Result<Written, Error> {
        let sink = Arc::clone(&self.sink);
        let written = move || sink.lock().unwrap_or_else(PoisonError::into_inner).written();
        blocking::elsewhere(written).await.map_err(|error| refused(&self.path, &error))
    }

    fn show(&mut self, tail: Tail) {
        let next = tail.chunks.last().map_or(tail.oldest, |last| last.sequence.saturating_add(1));
        self.tell(next, 0, |shown| shown.take(tail));
    }

    async fn close(&mut self) -> Result<(), Error> {
        self.finish(&[]).await
    }

    async fn finish(&mut self, chunks: &[Chunk]) -> Result<(), Error> {
        let has_work = !chunks.is_empty() || self.sink().has_written();
        let finished = if has_work { self.write(chunks, Sink::finish).await } else { Ok(()) };
        self.leave(has_work);
        finished
    }
}

/// Whoever stops writing without closing says nothing more either.
impl Drop for FileWriter {
    fn drop(&mut self) {
        let has_file = self.sink().has_written();
        self.leave(has_file);
    }
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::Io { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::port::log::Stream;
    use cronbus_core::suite;
    use cronbus_core::suite::log::{chunk, subject};

    #[tokio::test]
    async fn keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        suite::log::check(&FileLog::open(&folder.path().join("log")).unwrap()).await;
    }

    #[tokio::test]
    async fn a_silent_run_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(folder.path()).unwrap();
        Log::open(&log, &subject("silent", 0, 1)).await.unwrap().close().await.unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn another_life_reads_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let subject = subject("a/b", 1_795_338_000, 1);
        let path = place::path(folder.path(), &subject);
        let log = FileLog::open(folder.path()).unwrap();
        let mut writer = Log::open(&log, &subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"hello\n")]).await.unwrap();
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        assert_eq!(text, "cronbus log 1\n=== 0 2026-11-22T09:00:00.123Z stdout 6\nhello\n\n");
        fs::write(&path, format!("{text}=== 1 2026-11-22T09:00:00.123Z std")).unwrap();
        let next_life = FileLog::open(folder.path()).unwrap();
        let excerpt = next_life.read(&subject, 0, 100).await.unwrap();
        let told: Vec<_> = excerpt.chunks.iter().map(|chunk| (chunk.sequence, chunk.stream)).collect();
        assert_eq!(told, [(0, Stream::Stdout), (1, Stream::System)], "it is said that the end is missing");
        let end = next_life.read(&subject, 2, 100).await.unwrap();
        assert!(excerpt.complete && end.complete && end.chunks.is_empty(), "{end:?}");
        let mut writer = Log::open(&next_life, &subject).await.unwrap();
        writer.append(&[chunk(1, Stream::System, b"lost")]).await.unwrap();
        writer.close().await.unwrap();
        let excerpt = next_life.read(&subject, 0, 100).await.unwrap();
        assert_eq!(excerpt.chunks[1].bytes, b"lost");
    }

    #[tokio::test]
    async fn a_log_that_is_gone_on_with_gets_its_end_also_when_nothing_more_comes() {
        let folder = tempfile::tempdir().unwrap();
        let subject = subject("a", 1_795_338_000, 1);
        let log = FileLog::open(folder.path()).unwrap();
        let mut writer = Log::open(&log, &subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"hello\n")]).await.unwrap();
        let log = FileLog::open(folder.path()).unwrap();
        let mut writer = Log::open(&log, &subject).await.unwrap();
        let written = writer.written().await.unwrap();
        assert_eq!(written, Written { bytes: 6, left_out: 0, next: 1, is_closed: false });
        writer.finish(&[]).await.unwrap();
        let excerpt = log.read(&subject, 0, 100).await.unwrap();
        assert!(excerpt.complete && excerpt.chunks.len() == 1, "{excerpt:?}");
        assert!(Log::open(&log, &subject).await.unwrap().written().await.unwrap().is_closed);
    }

    #[tokio::test]
    async fn between_two_lives_a_log_that_is_gone_on_with_has_no_end() {
        let folder = tempfile::tempdir().unwrap();
        let subject = subject("a", 1_795_338_000, 1);
        let open = || FileLog::open(folder.path()).unwrap().with_runs(folder.path());
        let file = runner::file_of(folder.path(), subject.run);
        fs::write(&file, "").unwrap();
        assert!(!open().read(&subject, 0, 100).await.unwrap().complete);
        let mut writer = Log::open(&open(), &subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"hello\n")]).await.unwrap();
        let excerpt = open().read(&subject, 0, 100).await.unwrap();
        assert!(!excerpt.complete && excerpt.next == 1 && excerpt.chunks.len() == 1, "{excerpt:?}");
        fs::remove_file(&file).unwrap();
        assert_eq!(open().read(&subject, 0, 100).await.unwrap().chunks.len(), 2, "it is said that the end is missing");
        fs::write(&file, "").unwrap();
        writer.close().await.unwrap();
        assert!(open().read(&subject, 1, 100).await.unwrap().complete);
    }

    #[tokio::test]
    async fn strangers_in_the_folder_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(folder.path()).unwrap();
        fs::create_dir_all(folder.path().join("2020-01-01/job")).unwrap();
        fs::write(folder.path().join("2020-01-01/job/notes.txt"), "mine").unwrap();
        fs::create_dir_all(folder.path().join("other")).unwrap();
        assert_eq!(log.prune(Timestamp::from_seconds(1_795_338_000), Duration::ZERO).await.unwrap(), 0);
        assert!(folder.path().join("2020-01-01/job/notes.txt").exists() && folder.path().join("other").exists());
    }

    async fn written(log: &FileLog, job: &str, due_s: i64) -> Subject {
        let subject = subject(job, due_s, 7);
        let mut writer = Log::open(log, &subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"x")]).await.unwrap();
        writer.close().await.unwrap();
        subject
    }

    #[tokio::test]
    async fn what_a_job_says_of_its_logs_holds_in_the_next_life_too() {
        const NOW_S: i64 = 1_795_338_000;
        const DAY: i64 = 86_400;
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(folder.path()).unwrap();
        let [few, long, plain] = ["few", "long/kept", "plain"].map(|name| JobName::new(name).unwrap());
        log.keep(&few, LogKeep { keep: None, last: Some(2) }).await.unwrap();
        log.keep(&long, LogKeep { keep: "30d".parse().ok(), last: None }).await.unwrap();
        log.keep(&plain, LogKeep::default()).await.unwrap();
        let mut left = Vec::new();
        for days in [1, 2, 3, 20, 40] {
            for job in [&few, &long, &plain] {
                let subject = written(&log, job.as_str(), NOW_S - days * DAY).await;
                let stays = if *job == few { days < 3 } else { days < if *job == long { 30 } else { 14 } };
                left.push((subject, stays));
            }
        }
        let open = subject("few", NOW_S - 50 * DAY, 7);
        let mut writer = Log::open(&log, &open).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"x")]).await.unwrap();
        let age = Duration::from_secs(14 * DAY.unsigned_abs());
        drop(writer);
        let log = FileLog::open(folder.path()).unwrap();
        left.push((open, false));
        assert_eq!(log.prune(Timestamp::from_seconds(NOW_S), age).await.unwrap(), 7);
        for (subject, stays) in left {
            assert_eq!(log.read(&subject, 0, 10).await.is_ok(), stays, "{subject:?}");
        }
        log.keep(&few, LogKeep::default()).await.unwrap();
        assert_eq!(log.prune(Timestamp::from_seconds(NOW_S + 30 * DAY), age).await.unwrap(), 9);
        assert!(fs::read_dir(folder.path().join("keep")).unwrap().next().is_none(), "nothing is left to be noted");
    }

    #[tokio::test]
    async fn a_log_that_is_being_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(folder.path()).unwrap();
        let job = JobName::new("a").unwrap();
        log.keep(&job, LogKeep { keep: "1s".parse().ok(), last: Some(1) }).await.unwrap();
        let subject = subject("a", 1_795_338_000, 1);
        let mut writer = Log::open(&log, &subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"x")]).await.unwrap();
        let (now, age) = (Timestamp::from_seconds(1_795_338_100), Duration::from_secs(3600));
        assert_eq!(log.prune(now, age).await.unwrap(), 0);
        writer.close().await.unwrap();
        assert_eq!(log.prune(now, age).await.unwrap(), 1);
    }
}
