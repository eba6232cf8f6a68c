//! What every handler is given: the ports of the node, and the token that opens them.

use std::sync::Arc;

use cronbus_core::id::RunId;
use cronbus_core::job::Job;
use cronbus_core::port::log::Subject;
use cronbus_core::port::{Clock, Log, Notifier, Operations, Store};
use cronbus_core::run::Run;
use tokio::sync::Semaphore;

use super::configurations::Configurations;
use super::problem::Problem;
use crate::token::Token;

/// How many followers of logs are served at a time; each holds a connection and wakes up now and then.
const FOLLOWERS: usize = 512;

/// How many revisions of a job are searched for the one a run is pinned to.
const REVISIONS_SEARCHED: usize = 1000;

/// The name under which changes made over the web are recorded: there is one token in this version, the admin's.
pub(crate) const ADMIN: &str = "admin";

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
    /// Bounds the number of those who follow logs.
    pub(crate) followers: Arc<Semaphore>,
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
        Self { operations, store, log, configurations, notifier, clock, token, followers }
    }

    /// The job that a path or a filter names: digits are an id, everything else is a name.
    ///
    /// # Errors
    /// 404 when there is none, or it was deleted; 503 when the store does not answer.
    pub(crate) async fn job(&self, id_or_name: &str) -> Result<Arc<Job>, Problem> {
        self.store.job_meant(id_or_name).await?.ok_or_else(|| Problem::no_such_job(id_or_name))
    }

    /// The job whose history a path or a filter names: also a deleted one, by its id, or by its name while no other job
    /// has that.
    ///
    /// # Errors
    /// 404 when there never was one, or it was forgotten with its last run; 503 when the store does not answer.
    pub(crate) async fn job_remembered(&self, id_or_name: &str) -> Result<Arc<Job>, Problem> {
        self.store.job_remembered(id_or_name).await?.ok_or_else(|| Problem::no_such_job(id_or_name))
    }

    /// The run that a path names.
    ///
    /// # Errors
    /// 400 when the text is no run id, 404 when there is no such run, 503 when the store does not answer.
    pub(crate) async fn run(&self, text: &str) -> Result<Run, Problem> {
        let id: RunId = text.parse().map_err(|error| Problem::invalid("id", text, &format!("id: {error}")))?;
        self.store.run(id).await?.ok_or_else(|| Problem::no_such_run(id))
    }

    /// Where the log of a run is kept: under the name its job had at the revision the run is pinned to.
    ///
    /// # Errors
    /// 404 when the job is not in the store any more, 503 when the store does not answer.
    pub(crate) async fn log_subject(&self, run: &Run) -> Result<Subject, Problem> {
        let newest = self.store.job(run.job).await?.ok_or_else(|| Problem::no_such_job(&run.job.to_string()))?;
        let pinned = if newest.revision == run.revision {
            None
        } else {
            let revisions = self.store.revisions(run.job, REVISIONS_SEARCHED).await?;
            revisions.into_iter().find(|job| job.revision == run.revision)
        };
        let job = pinned.unwrap_or(newest).definition.name.clone();
        Ok(Subject { run: run.id, job, node: run.node.clone() })
    }
}
