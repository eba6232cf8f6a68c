//! Following the feed of job changes: jobs that this process or another changed are known within one look.

use std::rc::Rc;
use std::sync::Arc;

use cronbus_core::job::Job;
use cronbus_core::time::Timestamp;

use super::actor::Mind;
use crate::{dispatcher, scheduler};

/// How many changes are read at a time.
const AT_A_TIME: usize = 10_000;

impl Mind {
    /// Looks again and again, for ever.
    pub(super) async fn keep_following(self: Rc<Self>) {
        if self.setup.feed.is_none() {
            return;
        }
        loop {
            self.read_feed().await;
            self.setup.ports.clock.sleep(self.setup.refresh).await;
        }
    }

    /// Reads the feed to its end and tells what is new.
    pub(super) async fn read_feed(&self) {
        let Some(feed) = &self.setup.feed else { return };
        let _turn = self.reading.lock().await;
        let started_at = self.setup.ports.clock.now();
        loop {
            match feed.job_changes(self.sequence.get(), AT_A_TIME).await {
                Ok(changes) if changes.is_empty() => return self.at_the_end(started_at).await,
                Ok(changes) => {
                    let last = changes.last().map(|change| change.sequence);
                    let jobs: Vec<Arc<Job>> = changes.into_iter().map(|change| change.job).collect();
                    self.tell(jobs).await;
                    // Only now: what was not told is read again if this actor is started again.
                    self.sequence.set(last.unwrap_or_default());
                }
                Err(error) => {
                    self.setup.figures.feed_failures.add(1);
                    if self.trouble.borrow().is_none() {
                        tracing::error!(%error, "changes of jobs cannot be read");
                    }
                    self.trouble.replace(Some(error.to_string()));
                    return;
                }
            }
        }
    }

    async fn tell(&self, jobs: Vec<Arc<Job>>) {
        self.setup.figures.changes.add(jobs.len());
        self.setup.catalog.learn(&jobs);
        self.setup.figures.jobs.set(i64::try_from(self.setup.catalog.len()).unwrap_or(i64::MAX));
        let jobs = Arc::new(jobs);
        if let Some(dispatcher) = &self.setup.dispatcher {
            // An actor that ended for good takes the node with it.
            let _ = dispatcher.tell(dispatcher::JobsChanged(Arc::clone(&jobs))).await;
        }
        if let Some(scheduler) = &self.setup.scheduler {
            let _ = scheduler.tell(scheduler::JobsChanged(jobs)).await;
        }
    }

    async fn at_the_end(&self, at: Timestamp) {
        let first = self.last_look.replace(Some(at)).is_none();
        if self.trouble.replace(None).is_some() {
            tracing::info!("changes of jobs can be read again");
        }
        self.setup.catalog.seen(at);
        if let (true, Some(dispatcher)) = (first, &self.setup.dispatcher) {
            let _ = dispatcher.tell(dispatcher::CatalogComplete).await;
        }
        if let Some(scheduler) = &self.setup.scheduler {
            let _ = scheduler.tell(scheduler::CatalogSeen(at)).await;
        }
    }
}
