//! The end of a node: nothing new fires, what runs may end, everything is recorded, then the actors end.

use std::sync::PoisonError;
use std::time::Duration;

use cronbus_core::port::operations::Shutdown;
use cronbus_core::port::runner::Stop;

use super::start::Node;
use crate::{dispatcher, executor, scheduler};

/// How often to look whether everything is over.
const LOOK: Duration = Duration::from_millis(20);

/// How long an actor may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long recording may take after the last run has ended. What is not recorded then is in the spool.
const RECORDING: Duration = Duration::from_secs(10);

impl Node {
    /// Ends the node; what runs may go on for `limit`, then it is killed. Called again meanwhile with a shorter limit,
    /// that one counts.
    pub(super) async fn end(&self, limit: Duration) -> Shutdown {
        self.close().await;
        if self.settings.executing.leaves_runs {
            self.leave().await;
        }
        let before = self.executing().await;
        let left = self.wait_until_idle(limit).await;
        let mut killed = 0;
        if left > 0
            && let Some(executor) = &self.executor
        {
            let stop = if limit.is_zero() { Stop::KillNow } else { Stop::Kill };
            killed = executor.ask(executor::KillAll(stop), PATIENCE).await.unwrap_or(0);
            self.wait_until_idle(self.settings.executing.kill_grace + PATIENCE).await;
        }
        self.wait_until_recorded().await;
        if let Err(error) = self.ports.membership.leave().await {
            tracing::debug!(%error, "the lease ends by itself");
        }
        self.supervised.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Shutdown { finished: u32::try_from(before).unwrap_or(u32::MAX).saturating_sub(killed), killed }
    }

    /// Nothing new is planned, handed over or started. Actors that have ended already need not be told.
    async fn close(&self) {
        if let Some(scheduler) = &self.scheduler {
            let _ = scheduler.ask(scheduler::Close, PATIENCE).await;
        }
        if let Some(dispatcher) = &self.dispatcher {
            let _ = dispatcher.ask(dispatcher::Close, PATIENCE).await;
        }
        if let Some(executor) = &self.executor {
            let _ = executor.ask(executor::Close, PATIENCE).await;
        }
    }

    /// Runs that go on without this node are its next life's.
    async fn leave(&self) {
        let Some(executor) = &self.executor else { return };
        let left = executor.ask(executor::Leave, PATIENCE).await.unwrap_or(0);
        if left > 0 {
            tracing::info!(left, "runs go on under their shims");
        }
    }

    async fn executing(&self) -> usize {
        let Some(executor) = &self.executor else { return 0 };
        executor.ask(executor::Idle, PATIENCE).await.ok().flatten().map_or(0, |(executing, _)| executing)
    }

    /// Returns how many runs still execute when `limit` is over.
    async fn wait_until_idle(&self, limit: Duration) -> usize {
        let until = self.ports.clock.monotonic() + limit;
        loop {
            let executing = self.executing().await;
            if executing == 0 || self.ports.clock.monotonic() >= until {
                return executing;
            }
            self.ports.clock.sleep(LOOK).await;
        }
    }

    async fn wait_until_recorded(&self) {
        let Some(dispatcher) = &self.dispatcher else { return };
        let until = self.ports.clock.monotonic() + RECORDING;
        while self.ports.clock.monotonic() < until {
            if dispatcher.ask(dispatcher::Settled, PATIENCE).await.unwrap_or(true) {
                return;
            }
            self.ports.clock.sleep(LOOK).await;
        }
        tracing::warn!("not everything could be recorded; the spool has it for the next start");
    }
}
