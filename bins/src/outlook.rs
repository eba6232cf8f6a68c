//! How runs are shown, by the web and to clients of the bus: the row, the name of its job, and what it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use cronbus_core::dispatch::{WaitingFor, waiting_for};
use cronbus_core::id::JobId;
use cronbus_core::job::{Job, Overlap};
use cronbus_core::port::membership::Member;
use cronbus_core::port::store::{Page, Result, RunFilter};
use cronbus_core::port::{Operations, Store};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use crate::web::view::RunView;

/// How many of a job's newest runs are looked at for the one that another waits for.
const LOOKED_AT: usize = 100;

/// What has to be known to show runs at one moment. Each job is looked up once.
pub(crate) struct Outlook<'a> {
    store: &'a dyn Store,
    members: Vec<Member>,
    now: Timestamp,
    jobs: BTreeMap<JobId, Option<Arc<Job>>>,
}

impl<'a> Outlook<'a> {
    /// The runs of `store` at `now`, among the nodes that live.
    pub(crate) async fn at(now: Timestamp, store: &'a dyn Store, operations: &dyn Operations) -> Self {
        Self::among(operations.roster().await, now, store)
    }

    /// The same, as far as these nodes go.
    pub(crate) fn among(members: Vec<Member>, now: Timestamp, store: &'a dyn Store) -> Self {
        Self { store, members, now, jobs: BTreeMap::new() }
    }

    /// A run as one among many.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    pub(crate) async fn glance(&mut self, run: Run) -> Result<RunView> {
        let job = self.job(run.job).await?;
        let waiting_for = job.as_deref().and_then(|job| waiting_for(&run, job, &self.members, self.now));
        // Where even the row of the job is gone there is its number.
        let name = job.map_or_else(|| run.job.to_string(), |job| job.definition.name.to_string());
        Ok(RunView { waiting_for, ..RunView::new(run, name) })
    }

    /// A run that somebody asks about: what it waits for is looked for among the others of its job, too.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    pub(crate) async fn look(&mut self, run: Run) -> Result<RunView> {
        let earlier = self.earlier(&run).await?;
        let mut view = self.glance(run).await?;
        if view.waiting_for.is_none() {
            view.waiting_for = earlier;
        }
        Ok(view)
    }

    /// Another run of the same job that is not over, where that makes this one wait.
    async fn earlier(&mut self, run: &Run) -> Result<Option<WaitingFor>> {
        let job = self.job(run.job).await?.filter(|_| run.state == State::Created && run.not_before <= self.now);
        if !job.is_some_and(|job| matches!(job.definition.overlap, Overlap::Queue | Overlap::Replace)) {
            return Ok(None);
        }
        let filter = RunFilter { job: Some(run.job), ..RunFilter::default() };
        let (newest, _) = self.store.runs(&filter, &Page { after: None, limit: LOOKED_AT }).await?;
        let is_in_the_way = |other: &&Run| {
            let is_beside = run.is_pinned() && other.node != run.node;
            other.id != run.id && matches!(other.state, State::Assigned | State::Running) && !is_beside
        };
        Ok(newest.iter().find(is_in_the_way).map(|other| WaitingFor::another(other.id)))
    }

    /// A job, deleted or not.
    async fn job(&mut self, id: JobId) -> Result<Option<Arc<Job>>> {
        if let Some(job) = self.jobs.get(&id) {
            return Ok(job.clone());
        }
        let job = self.store.job(id).await?;
        self.jobs.insert(id, job.clone());
        Ok(job)
    }
}
