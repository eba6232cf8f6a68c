//! The loop that starts what may start.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::pool::Ended;
use cronbus_core::port::runner::Stop;
use cronbus_core::port::spool::Entry;
use cronbus_core::wire::{Assignment, Report};
use tokio::sync::watch;

use super::mind::Mind;
use crate::ports::Ports;

/// How often to look whether this node's lease is in force again.
const LEASE_LOOK: Duration = Duration::from_millis(200);

/// How many ends are spooled and reported before others on this thread get their turn.
const CONCLUDED_AT_A_TIME: usize = 10_000;

impl Mind {
    /// Starts runs as slots get free and moments come, for ever.
    pub(super) async fn keep_starting(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        loop {
            let moment = self.pool.borrow().next_moment();
            self.start.nudged_or_at(&*clock, moment).await;
            let mut ended = Vec::new();
            loop {
                self.until_leased().await;
                let starts = self.pool.borrow_mut().next(clock.now());
                self.tell_ready(&starts.ready);
                if starts.start.is_empty() && starts.instant.is_empty() && starts.expired.is_empty() {
                    break;
                }
                // Before anything waits: who wants an end from here on has somebody to tell.
                let stops = self.listen_for_stops(&starts.start);
                self.expired(&starts.expired).await;
                self.setup.figures.started.add(starts.instant.len());
                ended.extend(starts.instant);
                self.begin(starts.start, stops).await;
            }
            // Recording the ends that came at once holds up nobody's start.
            self.conclude_in_turns(ended).await;
        }
    }

    async fn conclude_in_turns(&self, ended: Vec<Ended>) {
        let mut ended = ended.into_iter();
        loop {
            let turn: Vec<Ended> = ended.by_ref().take(CONCLUDED_AT_A_TIME).collect();
            if turn.is_empty() {
                return;
            }
            self.conclude(turn).await;
            tokio::task::yield_now().await;
        }
    }

    /// Waits until this node holds its lease: one that the others may believe to be gone starts nothing new. What it
    /// took under an earlier lease is given back, since it may be somebody else's by now.
    async fn until_leased(&self) {
        let Ports { membership, clock, .. } = &self.setup.ports;
        let lease = loop {
            match membership.lease() {
                Some(lease) => break lease,
                None => clock.sleep(LEASE_LOOK).await,
            }
        };
        if self.lease.replace(Some(lease)).is_none_or(|before| before == lease) {
            return;
        }
        let returned = self.pool.borrow_mut().give_back("its node's lease had ended before it was started");
        let runs: Vec<RunId> = returned.iter().map(|(_, report)| report.run()).collect();
        for (job, report) in returned {
            self.tell_dispatcher(job, report);
        }
        self.never_mind(runs.into_iter()).await;
    }

    /// Asks for leave to begin.
    fn tell_ready(&self, ready: &[Arc<Assignment>]) {
        let report = |one: &Arc<Assignment>| (one.job.id, Report::Ready { run: one.run, handover: one.handover });
        self.tell_dispatchers(ready.iter().map(report));
    }

    async fn expired(&self, expired: &[Arc<Assignment>]) {
        for assignment in expired {
            self.tell_dispatcher(assignment.job.id, assignment.refused("no slot was free in time", true));
        }
        self.never_mind(expired.iter().map(|assignment| assignment.run)).await;
    }

    /// Has the spool forget runs that were accepted and will not be started. If it cannot, the next start does.
    pub(super) async fn never_mind(&self, runs: impl Iterator<Item = RunId>) {
        let entries: Vec<Entry> = runs.map(|run| Entry::Acknowledged { run }).collect();
        let _ = self.spool(&entries).await;
    }

    fn listen_for_stops(&self, starts: &[Arc<Assignment>]) -> Vec<watch::Receiver<Stop>> {
        let mut stops = self.stops.borrow_mut();
        let listen = |assignment: &Arc<Assignment>| {
            let (stop, stopping) = watch::channel(Stop::No);
            stops.insert(assignment.run, stop);
            stopping
        };
        starts.iter().map(listen).collect()
    }

    async fn begin(self: &Rc<Self>, starts: Vec<Arc<Assignment>>, stops: Vec<watch::Receiver<Stop>>) {
        let entries: Vec<Entry> = starts.iter().map(|assignment| Entry::Starting { run: assignment.run }).collect();
        if self.spool(&entries).await.is_err() {
            return self.postpone(starts).await;
        }
        self.setup.figures.started.add(starts.len());
        for (assignment, stop) in starts.into_iter().zip(stops) {
            self.tasks.start(Rc::clone(self).execute(assignment, stop));
        }
    }

    async fn postpone(&self, starts: Vec<Arc<Assignment>>) {
        for assignment in starts {
            self.stops.borrow_mut().remove(&assignment.run);
            self.pool.borrow_mut().postponed(assignment);
        }
        self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
        self.start.nudge();
    }
}
