//! The end of a node: nothing new fires, what runs may end, everything is recorded, then the actors end. Or it goes on in
//! another process, and all this is passed on to it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
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

/// How long a successor is kept waiting for what is nearly over: nothing fires meanwhile.
const LAST_MOMENT: Duration = Duration::from_millis(100);

impl Node {
    /// Ends the node; what runs may go on for `limit`, then it is killed. Called again meanwhile with a shorter limit,
    /// that one counts.
    pub(super) async fn end(&self, limit: Duration) -> Shutdown {
        self.close().await;
        let gone_on = if self.settings.executing.leaves_runs { self.leave().await } else { 0 };
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
        if !self.wait_until_recorded(gone_on, RECORDING).await {
            tracing::warn!("not everything could be recorded; the spool has it for the next start");
        }
        if let Err(error) = self.ports.membership.leave().await {
            tracing::debug!(%error, "the lease ends by itself");
        }
        self.end_actors();
        *self.executing.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Shutdown { finished: u32::try_from(before).unwrap_or(u32::MAX).saturating_sub(killed), killed }
    }

    /// Gives everything to a successor on this host. The executor alone lives on, for what this process still executes; it
    /// hears of nothing new.
    pub(super) async fn pass_on(&self) {
        self.is_passed_on.store(true, Relaxed);
        self.close().await;
        let left = self.leave().await;
        // What is over in a moment need not be passed on.
        self.wait_until_idle(LAST_MOMENT).await;
        let staying = u32::try_from(self.wait_until_known().await).unwrap_or(u32::MAX);
        self.wait_until_recorded(left.saturating_add(staying), LAST_MOMENT).await;
        self.cut_off();
        self.end_actors();
        self.ports.spool.retire();
        self.ports.membership.retire().await;
    }

    fn end_actors(&self) {
        self.supervised.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
    async fn leave(&self) -> u32 {
        let Some(executor) = &self.executor else { return 0 };
        let left = executor.ask(executor::Leave, PATIENCE).await.unwrap_or(0);
        if left > 0 {
            tracing::info!(left, "runs go on under their shims");
        }
        left
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

    /// Has what runs stay in this process; returns how many runs that are. Some are being started at the moment, and of some
    /// that have just ended the executor has still to hear.
    async fn wait_until_known(&self) -> usize {
        let until = self.ports.clock.monotonic() + PATIENCE;
        loop {
            let staying = self.ports.runner.stay();
            if self.executing().await <= staying || self.ports.clock.monotonic() >= until {
                return staying;
            }
            self.ports.clock.sleep(LOOK).await;
        }
    }

    /// Whether everything is recorded before `limit` is over, but for runs that go on without this node. What is not is in the
    /// spool.
    async fn wait_until_recorded(&self, but: u32, limit: Duration) -> bool {
        let Some(dispatcher) = &self.dispatcher else { return true };
        let until = self.ports.clock.monotonic() + limit;
        while self.ports.clock.monotonic() < until {
            if dispatcher.ask(dispatcher::Settled { but }, PATIENCE).await.unwrap_or(true) {
                return true;
            }
            self.ports.clock.sleep(LOOK).await;
        }
        false
    }
}
