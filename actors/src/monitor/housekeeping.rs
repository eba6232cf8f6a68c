//! Forgetting what retention says may be forgotten, in small steps.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::port::store::Retention;

use super::actor::Mind;

/// How many runs are forgotten in one transaction.
const AT_A_TIME: usize = 5_000;

/// Between two such transactions, so that the store has time for what is due.
const BREATH: Duration = Duration::from_millis(200);

impl Mind {
    /// Forgets what may be forgotten from time to time, for ever.
    pub(super) async fn keep_house(self: Rc<Self>) {
        loop {
            self.setup.ports.clock.sleep(self.setup.retention.every).await;
            self.prune_runs().await;
            self.prune_logs().await;
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

    async fn prune_logs(&self) {
        let before = self.setup.ports.clock.now() - self.setup.retention.log_age;
        match self.setup.ports.log.prune(before).await {
            Ok(count) => self.setup.figures.pruned_logs.add(usize::try_from(count).unwrap_or(0)),
            Err(error) => tracing::warn!(%error, "old logs are not removed this time"),
        }
    }
}
