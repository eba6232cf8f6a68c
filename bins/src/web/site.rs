//! What every handler is given: the ports of the node, and the token that opens them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use cronbus_core::account::{Action, Place};
use cronbus_core::id::{JobId, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::log::Subject;
use cronbus_core::port::{Clock, Log, Notifier, Operations, Store};
use cronbus_core::run::Run;
use tokio::sync::Semaphore;

use super::access::{permit, permit_job};
use super::admin::desk::Desk;
use super::configurations::Configurations;
use super::leaving::Leaving;
use super::problem::Problem;
use super::session::Principal;
use crate::safe::Safe;
use crate::token::Token;

/// How many followers of logs are served at a time; each holds a connection and wakes up now and then.
const FOLLOWERS: usize = 512;

/// How many revisions of a job are searched for the one a run is pinned to.
const REVISIONS_SEARCHED: usize = 1000;

/// The node behind the web.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// What the node does.
    pub(crate) operations: Arc<dyn Operations>,
    /// What was and what shall be.
    pub(crate) store: Arc<dyn Store>,
    /// What runs printed.
    pub(crate) log: Arc<dyn Log>,
    /// How nodes are configured.
    pub(crate) configurations: Arc<dyn Configurations>,
    /// What carries messages to people.
    pub(crate) notifier: Arc<dyn Notifier>,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// What a caller must show.
    pub(crate) token: Token,
    /// What the pages keep between requests.
    pub(crate) admin: Arc<Desk>,
    /// Opens and seals the secrets of jobs; absent where none can be used.
    pub(crate) safe: Option<Arc<Safe>>,
    /// Bounds the number of those who follow logs.
    pub(crate) followers: Arc<Semaphore>,
    /// Sends callers away.
    pub(crate) leaving: Leaving,
}

impl Site {
    /// A site over these ports.
    pub(crate) fn new(
        operations: Arc<dyn Operations>,
        store: Arc<dyn Store>,
        log: Arc<dyn Log>,
        configurations: Arc<dyn Configurations>,
        notifier: Arc<dyn Notifier>,
        clock: Arc<dyn Clock>,
        token: Token,
    ) -> Self {
        let followers = Arc::new(Semaphore::new(FOLLOWERS));
        let admin = Arc::new(Desk::default());
        let leaving = Leaving::default();
        Self { operations, store, log, configurations, notifier, clock, token, admin, safe: None, followers, leaving }
    }

    /// The same, whose callers this sends away.
    pub(crate) fn left_by(self, leaving: Leaving) -> Self {
        Self { leaving, ..self }
    }

    /// The same, whose secrets this opens.
    pub(crate) fn opening(self, safe: Arc<Safe>) -> Self {
        Self { safe: Some(safe), ..self }
    }

    /// The same, whose pages keep this.
    pub(crate) fn with(self, desk: Desk) -> Self {
        Self { admin: Arc::new(desk), ..self }
    }

    /// The job that a path or a filter names: digits are an id, everything else is a name.
    ///
    /// # Errors
    /// 404 when there is none that may be seen, or it was deleted; 403 when this may not be done to it; 503 when the store does not answer.
    pub(crate) async fn job(&self, id_or_name: &str, by: &Principal, action: Action) -> Result<Arc<Job>, Problem> {
        let found = self.store.job_meant(id_or_name).await?;
        let job = found.ok_or_else(|| Problem::no_such_job(id_or_name))?;
        permit_job(by, action, &job, id_or_name)?;
        Ok(job)
    }

    /// The job whose history a path or a filter names: also a deleted one, by its id, or by its name while no other job
    /// has that.
    ///
    /// # Errors
    /// 404 when there never was one that may be seen, or it was forgotten with its last run; 503 when the store does not answer.
    pub(crate) async fn job_remembered(&self, id_or_name: &str, by: &Principal) -> Result<Arc<Job>, Problem> {
        let found = self.store.job_remembered(id_or_name).await?;
        let job = found.ok_or_else(|| Problem::no_such_job(id_or_name))?;
        permit_job(by, Action::View, &job, id_or_name)?;
        Ok(job)
    }

    /// The run that a path names.
    ///
    /// # Errors
    /// 400 when the text is no run id, 404 when there is no such run that may be seen, 403 when this may not be done to
    /// it, 503 when the store does not answer.
    pub(crate) async fn run(&self, text: &str, by: &Principal, action: Action) -> Result<Run, Problem> {
        let id: RunId = text.parse().map_err(|error| Problem::invalid("id", text, &format!("id: {error}")))?;
        let run = self.store.run(id).await?.ok_or_else(|| Problem::no_such_run(id))?;
        let job = self.store.job(run.job).await?;
        // What even the row of the job is gone of belongs to no group.
        let place = job.as_deref().map_or(Place::Whole, |job| Place::from(&*job.definition));
        if !by.may(Action::View, place) {
            return Err(Problem::no_such_run(id));
        }
        permit(by, action, place)?;
        Ok(run)
    }

    /// The name of a job, deleted or not; its number where even the row is gone.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn job_name(&self, job: JobId) -> Result<String, Problem> {
        let found = self.store.job(job).await?;
        Ok(found.map_or_else(|| job.to_string(), |job| job.definition.name.to_string()))
    }

    /// The names of jobs, each looked up once.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn job_names(&self, jobs: impl Iterator<Item = JobId>) -> Result<HashMap<JobId, String>, Problem> {
        let mut names = HashMap::new();
        for job in jobs {
            if let Entry::Vacant(vacant) = names.entry(job) {
                vacant.insert(self.job_name(job).await?);
            }
        }
        Ok(names)
    }

    /// The job of a run, at the revision the run is pinned to where that is known still; absent when even its row is gone.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn job_at(&self, run: &Run) -> Result<Option<Arc<Job>>, Problem> {
        let Some(newest) = self.store.job(run.job).await? else { return Ok(None) };
        if newest.revision == run.revision {
            return Ok(Some(newest));
        }
        let revisions = self.store.revisions(run.job, REVISIONS_SEARCHED).await?;
        let pinned = revisions.into_iter().find(|job| job.revision == run.revision);
        Ok(Some(pinned.unwrap_or(newest)))
    }

    /// Where the log of a run is kept: under the name its job had at the revision the run is pinned to.
    ///
    /// # Errors
    /// 404 when the job is not in the store any more, 503 when the store does not answer.
    pub(crate) async fn log_subject(&self, run: &Run) -> Result<Subject, Problem> {
        let job = self.job_at(run).await?.ok_or_else(|| Problem::no_such_job(&run.job.to_string()))?;
        Ok(Subject { run: run.id, job: job.definition.name.clone(), node: run.node.clone() })
    }
}
