//! The handle on a server and the traits of the port: each call becomes one task on the store's own thread.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::{Epoch, JobId, NodeName, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::Clock;
use cronbus_core::port::store::{
    Change, ChangeSequence, Claim, Created, Creation, Cursor, History, JobFilter, JobRetention, Jobs, Note, Page,
    Pruned, PrunedJobs, Recorded, Recording, Result, Retention, RunFilter, Runs, Submission, Submitted, Tally, Write,
};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;
use deadpool::Runtime;
use deadpool::managed::{Manager as _, Pool};

use super::connect::Manager;
use super::queries::Idle;
use super::transaction::{Lease, Transaction};
use super::{
    Connection, DEFAULT_PORT, DEFAULT_USER, examine, history, housekeeping, jobs, migrate, pruning, queries, runs,
};
use crate::store::OpenError;
use crate::store::examine::{Answers, timestamp};
use crate::store::failure::{Failure, Tries};
use crate::store::server::address::Address;
use crate::store::server::jobs::Author;
use crate::store::server::options::OpenOptions;
use crate::store::server::steps::Standing;
use crate::store::server::worker::Worker;

/// How long a migration may take.
const MIGRATING: Duration = Duration::from_hours(1);

/// The truth in a database on a server. Clones share the connections.
#[derive(Clone)]
pub struct ServerStore {
    server: Arc<Server>,
}

struct Server {
    address: Address,
    options: OpenOptions,
    pool: Pool<Manager>,
    worker: Worker,
}

impl fmt::Debug for ServerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerStore").field(&self.server.address).finish()
    }
}

impl ServerStore {
    /// A store on the database of this URL. Nobody is asked yet.
    ///
    /// # Errors
    /// When the URL cannot be used, saying why.
    pub(crate) fn on(url: &str, options: OpenOptions) -> std::result::Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable { reason };
        let address = Address::parse(url, DEFAULT_PORT, DEFAULT_USER).map_err(unusable)?;
        let pool = Pool::builder(Manager::new(&address, options).map_err(unusable)?)
            .max_size(options.pool.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(options.connect_timeout))
            .create_timeout(Some(options.connect_timeout))
            .recycle_timeout(Some(options.connect_timeout))
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let worker = Worker::start()?;
        Ok(Self { server: Arc::new(Server { address, options, pool, worker }) })
    }

    /// How the schema stands to this version's. Blocks; not for threads of a runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(in crate::store) fn compare(&self) -> Result<Standing> {
        let pool = self.server.pool.clone();
        self.server.worker.wait_for("read the schema", self.server.options.patience(), async move {
            let mut lease = Lease::of(&pool).await?;
            let done = migrate::compare(lease.connection()?).await;
            lease.after(done)
        })
    }

    /// What the server says of itself, and how the schema stands. Blocks; not for threads of a runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(in crate::store) fn examine(&self, clock: Arc<dyn Clock>) -> Result<Answers> {
        let pool = self.server.pool.clone();
        self.server.worker.wait_for("examine the server", self.server.options.patience(), async move {
            let mut lease = Lease::of(&pool).await?;
            let connection = lease.connection()?;
            let standing = migrate::compare(connection).await?;
            let before = clock.now();
            let (version, now_ms) = examine::ask(connection).await?;
            let clocks = [before, timestamp(now_ms)?, clock.now()];
            lease.after(Ok(Answers { version, clocks, standing }))
        })
    }

    /// Brings the schema to this version; the names of what was applied, in order. Blocks; not for threads of a
    /// runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(in crate::store) fn up(&self) -> Result<Vec<&'static str>> {
        let pool = self.server.pool.clone();
        self.server.worker.wait_for("bring the schema up to this version", MIGRATING, async move {
            let mut connection = pool.manager().create().await?;
            migrate::up(&mut connection).await
        })
    }

    /// Takes every migration back: all rows are lost. Blocks; not for threads of a runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    #[cfg(test)]
    pub(in crate::store) fn down(&self) -> Result<()> {
        let pool = self.server.pool.clone();
        self.server.worker.wait_for("take the schema back", MIGRATING, async move {
            let mut connection = pool.manager().create().await?;
            migrate::down(&mut connection).await
        })
    }

    /// Executes statements one after the other. Blocks; not for threads of a runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    #[cfg(test)]
    pub(crate) fn execute(&self, statements: &[&str]) -> Result<()> {
        let pool = self.server.pool.clone();
        let statements: Vec<String> = statements.iter().map(ToString::to_string).collect();
        self.server.worker.wait_for("execute", MIGRATING, async move {
            let mut lease = Lease::of(&pool).await?;
            for statement in &statements {
                diesel_async::SimpleAsyncConnection::batch_execute(lease.connection()?, statement).await?;
            }
            lease.after(Ok(()))
        })
    }

    /// Executes statements in a transaction that lasts until what is returned is dropped. Blocks; not for threads of a
    /// runtime.
    ///
    /// # Errors
    /// `Unavailable`.
    #[cfg(test)]
    pub(in crate::store) fn hold(&self, statements: &[&str]) -> Result<impl Send + use<>> {
        let pool = self.server.pool.clone();
        let statements: Vec<String> = statements.iter().map(ToString::to_string).collect();
        self.server.worker.wait_for("hold", MIGRATING, async move {
            let mut transaction = Transaction::begin(&pool).await?;
            for statement in &statements {
                diesel_async::SimpleAsyncConnection::batch_execute(transaction.connection()?, statement).await?;
            }
            Ok(transaction)
        })
    }

    /// Does `work` on the store's thread; `what` completes "cronbus tried to …". It goes on to its end even when the
    /// caller stops waiting.
    pub(super) async fn perform<T, F>(&self, what: &'static str, work: impl FnOnce(Pool<Manager>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = std::result::Result<T, Failure>> + Send + 'static,
    {
        let server = &self.server;
        server.worker.perform(what, server.options.patience(), work(server.pool.clone())).await
    }
}

#[async_trait]
impl Jobs for ServerStore {
    async fn write_jobs(&self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>> {
        let (writes, author) = (writes.to_vec(), Author { name: by.to_owned(), at });
        self.perform("change jobs", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = jobs::write(transaction.connection()?, &writes, &author).await;
            Ok(transaction.end(done).await?.into_iter().map(|(_, job)| job).collect())
        })
        .await
    }

    async fn job_changes(&self, after: ChangeSequence, limit: usize) -> Result<Vec<Change>> {
        self.perform("read the changes of jobs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = jobs::changes(lease.connection()?, after, limit).await;
            lease.after(done)
        })
        .await
    }

    async fn job(&self, id: JobId) -> Result<Option<Arc<Job>>> {
        self.perform("read a job", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = jobs::find(lease.connection()?, id).await;
            lease.after(done)
        })
        .await
    }

    async fn job_by_name(&self, name: &str) -> Result<Option<Arc<Job>>> {
        let name = name.to_owned();
        self.perform("read a job", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = jobs::find_by_name(lease.connection()?, &name).await;
            lease.after(done)
        })
        .await
    }

    async fn deleted_job(&self, name: &str) -> Result<Option<Arc<Job>>> {
        let name = name.to_owned();
        self.perform("read a deleted job", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = jobs::find_deleted(lease.connection()?, &name).await;
            lease.after(done)
        })
        .await
    }

    async fn revisions(&self, job: JobId, limit: usize) -> Result<Vec<Arc<Job>>> {
        self.perform("read the revisions of a job", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = jobs::revisions(lease.connection()?, job, limit).await;
            lease.after(done)
        })
        .await
    }

    async fn prune_revisions(&self, keep: u32, page: &Page<JobId>) -> Result<(usize, Cursor<JobId>)> {
        let Some(keep) = i32::try_from(keep).ok().filter(|keep| *keep > 0) else { return Ok((0, None)) };
        let page = page.clone();
        self.perform("forget old revisions", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = pruning::with_surplus(lease.connection()?, keep, &page).await;
            let (surplus, next) = queries::cut(lease.after(done)?, page.limit, |(job, _)| JobId(*job));
            if surplus.is_empty() {
                return Ok((0, None));
            }
            let mut transaction = Transaction::begin(&pool).await?;
            let done = pruning::forget_revisions(transaction.connection()?, keep, &surplus).await;
            Ok((transaction.end(done).await?, next))
        })
        .await
    }

    async fn prune_jobs(&self, retention: JobRetention) -> Result<PrunedJobs> {
        self.perform("forget jobs without runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = both_kinds(lease.connection()?, retention).await;
            let (ad_hoc, deleted) = lease.after(done)?;
            if ad_hoc.is_empty() && deleted.is_empty() {
                return Ok(PrunedJobs::default());
            }
            let (ad_hoc, more_ad_hoc) = queries::cut(ad_hoc, retention.limit, |_| ());
            let (deleted, more_deleted) = queries::cut(deleted, retention.limit, |_| ());
            let mut transaction = Transaction::begin(&pool).await?;
            let done = pruning::forget_jobs(transaction.connection()?, (&ad_hoc, &deleted), retention).await;
            let pruned = transaction.end(done).await?;
            Ok(PrunedJobs { more: more_ad_hoc.or(more_deleted).is_some(), ..pruned })
        })
        .await
    }
}

/// The jobs made of submissions, and the deleted ones, that may go.
async fn both_kinds(
    connection: &mut Connection,
    retention: JobRetention,
) -> std::result::Result<(Vec<i64>, Vec<i64>), Failure> {
    let ad_hoc = pruning::idle(connection, Idle::AdHoc, retention).await?;
    Ok((ad_hoc, pruning::idle(connection, Idle::Deleted, retention).await?))
}

#[async_trait]
impl Runs for ServerStore {
    async fn claim_partitions(
        &self,
        partitions: &[Partition],
        owner: &NodeName,
        at_least: Epoch,
    ) -> Result<Vec<Claim>> {
        let (partitions, owner) = (partitions.to_vec(), owner.clone());
        self.perform("claim partitions", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = runs::claim(transaction.connection()?, &partitions, &owner, at_least).await;
            transaction.end(done).await
        })
        .await
    }

    async fn create(&self, creation: &Creation) -> Result<Created> {
        let creation = creation.clone();
        self.perform("create runs", move |pool| async move {
            let mut tries = Tries::default();
            loop {
                let mut transaction = Transaction::begin(&pool).await?;
                let connection = transaction.connection()?;
                let done = match tries {
                    Tries::Boldly => runs::create(connection, &creation).await,
                    Tries::Carefully { .. } => runs::create_missing(connection, &creation).await,
                };
                match transaction.end(done).await {
                    Err(failure) if tries.again(&failure) => {}
                    ended => return ended,
                }
            }
        })
        .await
    }

    async fn record(&self, recording: &Recording) -> Result<Recorded> {
        let recording = recording.clone();
        self.perform("record outcomes", move |pool| async move {
            let mut tries = Tries::default();
            loop {
                let mut transaction = Transaction::begin(&pool).await?;
                let connection = transaction.connection()?;
                let done = match tries {
                    Tries::Boldly => runs::record(connection, &recording).await,
                    Tries::Carefully { .. } => runs::record_carefully(connection, &recording).await,
                };
                match transaction.end(done).await {
                    Err(failure) if tries.again(&failure) => {}
                    ended => return ended,
                }
            }
        })
        .await
    }

    async fn note(&self, notes: &[Note]) -> Result<()> {
        let notes = notes.to_vec();
        self.perform("note what came late", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = runs::note(transaction.connection()?, &notes).await;
            transaction.end(done).await
        })
        .await
    }

    async fn submit(&self, submission: &Submission) -> Result<Submitted> {
        let submission = submission.clone();
        self.perform("accept a submission", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = runs::submit(transaction.connection()?, &submission).await;
            transaction.end(done).await
        })
        .await
    }

    async fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Result<Vec<Run>> {
        let partitions = partitions.to_vec();
        self.perform("read the runs that are not over", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = housekeeping::unfinished(lease.connection()?, &partitions, after, limit).await;
            lease.after(done)
        })
        .await
    }

    async fn find(&self, runs: &[RunId]) -> Result<Vec<Run>> {
        let wanted = runs.to_vec();
        self.perform("read runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = runs::find_all(lease.connection()?, wanted).await;
            lease.after(done.map(|found| found.into_values().collect()))
        })
        .await
    }

    async fn executing(&self, among: usize) -> Result<BTreeMap<NodeName, u32>> {
        self.perform("count what executes", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = housekeeping::executing(lease.connection()?, among).await;
            lease.after(done)
        })
        .await
    }

    async fn prune(&self, retention: Retention) -> Result<Pruned> {
        self.perform("forget old runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = housekeeping::forgettable(lease.connection()?, retention).await;
            let (doomed, more) = lease.after(done)?;
            if doomed.is_empty() {
                return Ok(Pruned { runs: 0, more });
            }
            let mut transaction = Transaction::begin(&pool).await?;
            let done = housekeeping::forget(transaction.connection()?, &doomed).await;
            Ok(Pruned { runs: transaction.end(done).await?, more })
        })
        .await
    }
}

#[async_trait]
impl History for ServerStore {
    async fn run(&self, id: RunId) -> Result<Option<Run>> {
        self.perform("read a run", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = runs::find(lease.connection()?, id).await;
            lease.after(done)
        })
        .await
    }

    async fn runs(&self, filter: &RunFilter, page: &Page<RunId>) -> Result<(Vec<Run>, Cursor<RunId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.perform("list runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = history::runs(lease.connection()?, &filter, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn jobs(
        &self,
        filter: &JobFilter,
        page: &Page<String>,
        now: Timestamp,
    ) -> Result<(Vec<Arc<Job>>, Cursor<String>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.perform("list jobs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = history::jobs(lease.connection()?, &filter, &page, now).await;
            lease.after(done)
        })
        .await
    }

    async fn count_runs(&self, job: Option<JobId>, from: Timestamp) -> Result<Vec<(State, u64)>> {
        self.perform("count runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = history::count_runs(lease.connection()?, job, from).await;
            lease.after(done)
        })
        .await
    }

    async fn tally(&self, from: Timestamp, until: Timestamp, late_after: Duration) -> Result<Tally> {
        self.perform("count runs", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = history::tally(lease.connection()?, from, until, late_after).await;
            lease.after(done)
        })
        .await
    }
}
