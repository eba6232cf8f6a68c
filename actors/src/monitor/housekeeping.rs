//! Forgetting what retention says may be forgotten, in small steps.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::port::store::{JobRetention, Page, Retention};

use super::actor::Mind;

/// How many runs are forgotten in one transaction.
const AT_A_TIME: usize = 5_000;

/// How many jobs are looked at, or forgotten, in one transaction.
const JOBS_AT_A_TIME: usize = 500;

/// Between two such transactions, so that the store has time for what is due.
const BREATH: Duration = Duration::from_millis(200);

impl Mind {
    /// Forgets what may be forgotten from time to time, for ever.
    pub(super) async fn keep_house(self: Rc<Self>) {
        loop {
            self.setup.ports.clock.sleep(self.setup.retention.every).await;
            self.prune_runs().await;
            self.prune_jobs().await;
            self.prune_revisions().await;
            self.prune_logs().await;
            self.prune_audit().await;
        }
    }

    async fn prune_runs(&self) {
        let Some(history) = &self.setup.history else { return };
        let rule = &self.setup.retention;
        loop {
            let before = self.setup.ports.clock.now() - rule.runs_age;
            let retention = Retention { before, per_job: rule.runs_per_job, limit: AT_A_TIME };
            match history.prune(retention).await {
                Ok(pruned) => {
                    self.setup.figures.pruned_runs.add(pruned.runs);
                    if !pruned.more {
                        return;
                    }
                }
                Err(error) => return tracing::warn!(%error, "old runs are not forgotten this time"),
            }
            self.setup.ports.clock.sleep(BREATH).await;
        }
    }

    /// Jobs that have no run any more: deleted ones, and those made of submissions.
    async fn prune_jobs(&self) {
        let Some(history) = &self.setup.history else { return };
        loop {
            let now = self.setup.ports.clock.now();
            let retention = JobRetention { before: now - self.setup.retention.runs_age, now, limit: JOBS_AT_A_TIME };
            match history.prune_jobs(retention).await {
                Ok(pruned) => {
                    self.setup.figures.pruned_jobs.add(pruned.deleted + pruned.forgotten);
                    if !pruned.more {
                        return;
                    }
                }
                Err(error) => return tracing::warn!(%error, "jobs without runs are not forgotten this time"),
            }
            self.setup.ports.clock.sleep(BREATH).await;
        }
    }

    async fn prune_revisions(&self) {
        let Some(history) = &self.setup.history else { return };
        let mut page = Page { after: None, limit: JOBS_AT_A_TIME };
        loop {
            match history.prune_revisions(self.setup.retention.revisions, &page).await {
                Ok((pruned, next)) => {
                    self.setup.figures.pruned_revisions.add(pruned);
                    if next.is_none() {
                        return;
                    }
                    page.after = next;
                }
                Err(error) => return tracing::warn!(%error, "old revisions are not forgotten this time"),
            }
            self.setup.ports.clock.sleep(BREATH).await;
        }
    }

    async fn prune_audit(&self) {
        let Some(history) = &self.setup.history else { return };
        loop {
            let before = self.setup.ports.clock.now() - self.setup.retention.audit_age;
            match history.prune_entries(before, AT_A_TIME).await {
                Ok(AT_A_TIME) => self.setup.ports.clock.sleep(BREATH).await,
                Ok(_) => return,
                Err(error) => {
                    return tracing::warn!(%error, "old entries of the audit trail are not forgotten this time");
                }
            }
        }
    }

    async fn prune_logs(&self) {
        let now = self.setup.ports.clock.now();
        match self.setup.ports.log.prune(now, self.setup.retention.log_age).await {
            Ok(count) => self.setup.figures.pruned_logs.add(usize::try_from(count).unwrap_or(0)),
            Err(error) => tracing::warn!(%error, "old logs are not removed this time"),
        }
    }
}
