//! The handle on the file and the traits of the port: each call becomes one closure on a thread that may block.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::{Epoch, JobId, NodeName, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::store::{
    Change, ChangeSequence, Claim, Created, Creation, Cursor, Error, History, JobFilter, JobRetention, Jobs, Note,
    Page, Pruned, PrunedJobs, Recorded, Recording, Result, Retention, RunFilter, Runs, Submission, Submitted, Tally,
    Write,
};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;
use diesel::connection::{AnsiTransactionManager, Connection as _, TransactionManager};
use diesel::sqlite::SqliteConnection;
use tokio::sync::Mutex;

use super::jobs::Author;
use super::queries::Idle;
use super::readers::{Connection, Readers};
use super::{Options, connection, history, housekeeping, jobs, pruning, queries, runs};
use crate::store::failure::Failure;
use crate::store::migrate;

/// The truth in one SQLite file. Clones share the connections.
#[derive(Clone)]
pub struct SqliteStore {
    file: Arc<File>,
}

struct File {
    path: PathBuf,
    options: Options,
    writer: Arc<Mutex<Connection>>,
    readers: Arc<Readers>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.file.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the file, making it and its folder where they are missing, and brings its schema up to this version.
    /// Blocks: call it before there is a runtime, or on a thread that may block. Its methods need a tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be opened or another process holds it, `Damaged` when it is not a database of
    /// cronbus.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        connection::make_file(path)?;
        let mut writer = connection::writer(path, options)?;
        migrate::up(&mut writer)?;
        let readers = (0..options.readers.max(1)).map(|_| connection::reader(path, options));
        let readers = Arc::new(Readers::new(readers.collect::<Result<_>>()?));
        let writer = Arc::new(Mutex::new(Connection::new(writer)));
        Ok(Self { file: Arc::new(File { path: path.to_owned(), options, writer, readers }) })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// One transaction that writes; `what` completes "cronbus tried to …". It goes on to its end even when the caller
    /// stops waiting.
    pub(super) async fn write<T, F>(&self, what: &'static str, transaction: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> std::result::Result<T, Failure> + Send + 'static,
    {
        let file = Arc::clone(&self.file);
        let mut writer = Arc::clone(&self.file.writer).lock_owned().await;
        to_its_end(what, async move {
            let done = writer.spawn_blocking(move |connection| {
                Ok(file.replace_if_stuck(connection).and_then(|()| connection.immediate_transaction(transaction)))
            });
            done.await.map_err(Failure::from).flatten().map_err(|failure| failure.explain(what))
        })
        .await
    }

    /// One transaction that reads: all its queries see the same moment.
    pub(super) async fn read<T, F>(&self, what: &'static str, transaction: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> std::result::Result<T, Failure> + Send + 'static,
    {
        let closed = || Error::Unavailable { what, reason: "there is no connection to read from".to_owned() };
        let mut lent = self.file.readers.lend().await.ok_or_else(closed)?;
        to_its_end(what, async move {
            let reader = lent.connection().ok_or_else(closed)?;
            let done = reader.spawn_blocking(|connection| Ok(connection.transaction(transaction)));
            done.await.map_err(Failure::from).flatten().map_err(|failure| failure.explain(what))
        })
        .await
    }
}

/// A transaction that has begun goes on when nobody waits for it any more. The driver would wait for it there and then, and
/// panic where the thread has futures of others to drive.
async fn to_its_end<T: Send + 'static>(
    what: &'static str,
    transaction: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let ended = tokio::spawn(transaction).await;
    ended.unwrap_or_else(|error| Err(Error::Unavailable { what, reason: error.to_string() }))
}

impl File {
    /// A transaction that could be neither committed nor undone (a disk that failed in between, a panic) leaves its
    /// connection unusable. Without a new one, one bad moment would end all writing.
    fn replace_if_stuck(&self, connection: &mut SqliteConnection) -> std::result::Result<(), Failure> {
        let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
        if !matches!(status.transaction_depth(), Ok(None)) {
            *connection = connection::writer(&self.path, self.options)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Jobs for SqliteStore {
    async fn write_jobs(&self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>> {
        let (writes, author) = (writes.to_vec(), Author { name: by.to_owned(), at });
        let changed = self.write("change jobs", move |connection| jobs::write(connection, &writes, &author)).await?;
        Ok(changed.into_iter().map(|(_, job)| job).collect())
    }

    async fn job_changes(&self, after: ChangeSequence, limit: usize) -> Result<Vec<Change>> {
        self.read("read the changes of jobs", move |connection| jobs::changes(connection, after, limit)).await
    }

    async fn job(&self, id: JobId) -> Result<Option<Arc<Job>>> {
        self.read("read a job", move |connection| jobs::find(connection, id)).await
    }

    async fn job_by_name(&self, name: &str) -> Result<Option<Arc<Job>>> {
        let name = name.to_owned();
        self.read("read a job", move |connection| jobs::find_by_name(connection, &name)).await
    }

    async fn deleted_job(&self, name: &str) -> Result<Option<Arc<Job>>> {
        let name = name.to_owned();
        self.read("read a deleted job", move |connection| jobs::find_deleted(connection, &name)).await
    }

    async fn revisions(&self, job: JobId, limit: usize) -> Result<Vec<Arc<Job>>> {
        self.read("read the revisions of a job", move |connection| jobs::revisions(connection, job, limit)).await
    }

    async fn prune_revisions(&self, keep: u32, page: &Page<JobId>) -> Result<(usize, Cursor<JobId>)> {
        let Some(keep) = i32::try_from(keep).ok().filter(|keep| *keep > 0) else { return Ok((0, None)) };
        let (sought, limit) = (page.clone(), page.limit);
        let surplus = move |connection: &mut _| pruning::with_surplus(connection, keep, &sought);
        let surplus = self.read("look for old revisions", surplus).await?;
        let (surplus, next) = queries::cut(surplus, limit, |(job, _)| JobId(*job));
        if surplus.is_empty() {
            return Ok((0, None));
        }
        let forget = move |connection: &mut _| pruning::forget_revisions(connection, keep, &surplus);
        Ok((self.write("forget old revisions", forget).await?, next))
    }

    async fn prune_jobs(&self, retention: JobRetention) -> Result<PrunedJobs> {
        let idle = move |kind| move |connection: &mut _| pruning::idle(connection, kind, retention);
        let ad_hoc = self.read("look for jobs without runs", idle(Idle::AdHoc)).await?;
        let deleted = self.read("look for deleted jobs", idle(Idle::Deleted)).await?;
        if ad_hoc.is_empty() && deleted.is_empty() {
            return Ok(PrunedJobs::default());
        }
        let (ad_hoc, more_ad_hoc) = queries::cut(ad_hoc, retention.limit, |_| ());
        let (deleted, more_deleted) = queries::cut(deleted, retention.limit, |_| ());
        let forget = move |connection: &mut _| pruning::forget_jobs(connection, (&ad_hoc, &deleted), retention);
        let pruned = self.write("forget jobs without runs", forget).await?;
        Ok(PrunedJobs { more: more_ad_hoc.or(more_deleted).is_some(), ..pruned })
    }
}

#[async_trait]
impl Runs for SqliteStore {
    async fn claim_partitions(
        &self,
        partitions: &[Partition],
        owner: &NodeName,
        at_least: Epoch,
    ) -> Result<Vec<Claim>> {
        let (partitions, owner) = (partitions.to_vec(), owner.clone());
        self.write("claim partitions", move |connection| runs::claim(connection, &partitions, &owner, at_least)).await
    }

    async fn create(&self, creation: &Creation) -> Result<Created> {
        let creation = creation.clone();
        self.write("create runs", move |connection| runs::create(connection, &creation)).await
    }

    async fn record(&self, recording: &Recording) -> Result<Recorded> {
        let recording = recording.clone();
        self.write("record outcomes", move |connection| runs::record(connection, &recording)).await
    }

    async fn note(&self, notes: &[Note]) -> Result<()> {
        let notes = notes.to_vec();
        self.write("note what came late", move |connection| runs::note(connection, &notes)).await
    }

    async fn submit(&self, submission: &Submission) -> Result<Submitted> {
        let submission = submission.clone();
        self.write("accept a submission", move |connection| runs::submit(connection, &submission)).await
    }

    async fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Result<Vec<Run>> {
        let partitions = partitions.to_vec();
        let read = move |connection: &mut _| housekeeping::unfinished(connection, &partitions, after, limit);
        self.read("read the runs that are not over", read).await
    }

    async fn find(&self, runs: &[RunId]) -> Result<Vec<Run>> {
        let runs = runs.to_vec();
        self.read("read runs", move |connection| runs::find_all(connection, &runs)).await
    }

    async fn executing(&self, among: usize) -> Result<BTreeMap<NodeName, u32>> {
        self.read("count what executes", move |connection| housekeeping::executing(connection, among)).await
    }

    async fn prune(&self, retention: Retention) -> Result<Pruned> {
        let sought = move |connection: &mut _| housekeeping::forgettable(connection, retention);
        let (doomed, more) = self.read("look for old runs", sought).await?;
        if doomed.is_empty() {
            return Ok(Pruned { runs: 0, more });
        }
        let runs = self.write("forget old runs", move |connection| housekeeping::forget(connection, &doomed)).await?;
        Ok(Pruned { runs, more })
    }
}

#[async_trait]
impl History for SqliteStore {
    async fn run(&self, id: RunId) -> Result<Option<Run>> {
        self.read("read a run", move |connection| runs::find(connection, id)).await
    }

    async fn runs(&self, filter: &RunFilter, page: &Page<RunId>) -> Result<(Vec<Run>, Cursor<RunId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.read("list runs", move |connection| history::runs(connection, &filter, &page)).await
    }

    async fn jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> Result<(Vec<Arc<Job>>, Cursor<String>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.read("list jobs", move |connection| history::jobs(connection, &filter, &page, now)).await
    }

    async fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Result<Vec<(State, u64)>> {
        self.read("count runs", move |connection| history::count_runs(connection, job, from)).await
    }

    async fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Result<Tally> {
        self.read("count runs", move |connection| history::tally(connection, from, until, late_after)).await
    }
}
