//! What the executor's loops share, and its talk with dispatchers.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{JobId, NodeName, RunId};
use cronbus_core::job::OnTimeout;
use cronbus_core::pool::{Clocks, Ended, Pool, Stopped, has_effect};
use cronbus_core::port::bus::Address;
use cronbus_core::port::runner::Stop;
use cronbus_core::port::spool::Entry;
use cronbus_core::route::Dispatchers;
use cronbus_core::wire::{AssignmentBatch, Control, Message, Report};
use tokio::sync::{Notify, watch};

use super::actor::Setup;
use crate::outbox::Outbox;
use crate::tasks::Tasks;
use crate::wake::Wake;

/// How often outcomes that nobody acknowledged are reported again.
const REPEAT: Duration = Duration::from_secs(5);

/// What the loops share.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) setup: Setup,
    pub(super) pool: RefCell<Pool>,
    clocks: RefCell<Clocks>,
    pub(super) dispatchers: RefCell<Dispatchers>,
    pub(super) stops: RefCell<HashMap<RunId, watch::Sender<Stop>>>,
    pub(super) tasks: Tasks,
    pub(super) outbox: Outbox,
    pub(super) start: Wake,
    pub(super) time: Wake,
    reports: RefCell<BTreeMap<NodeName, Vec<Report>>>,
    report: Wake,
    /// The lease under which what waits was taken.
    pub(super) lease: Cell<Option<u64>>,
    /// True once the spool of the former life has been read.
    recovered: Cell<bool>,
    recovery: Notify,
}

impl Mind {
    pub(super) fn new(setup: Setup) -> Self {
        let members = setup.ports.membership.snapshot().members;
        let mut pool = Pool::new(setup.pool);
        pool.members_changed(&members);
        let lease = setup.ports.membership.lease();
        Self {
            pool: RefCell::new(pool),
            setup,
            clocks: RefCell::default(),
            dispatchers: RefCell::new(Dispatchers::among(&members)),
            stops: RefCell::default(),
            tasks: Tasks::none(),
            outbox: Outbox::default(),
            start: Wake::default(),
            time: Wake::default(),
            reports: RefCell::default(),
            report: Wake::default(),
            lease: Cell::new(lease),
            recovered: Cell::new(false),
            recovery: Notify::new(),
        }
    }

    /// The former life's spool has been read.
    pub(super) fn has_recovered(&self) {
        self.recovered.set(true);
        self.recovery.notify_waiters();
    }

    /// Waits until the former life's spool has been read: before that nothing can be answered.
    async fn until_recovered(&self) {
        while !self.recovered.get() {
            // Wakes in the order of waiting: what came first is answered first.
            self.recovery.notified().await;
        }
    }

    /// Takes what a dispatcher hands over: into the spool first, then into the queue.
    pub(super) async fn take(self: Rc<Self>, mut batch: AssignmentBatch) {
        self.clocks.borrow_mut().translate(&mut batch, self.setup.ports.clock.now());
        self.until_recovered().await;
        let from = batch.from.clone();
        let offer = self.pool.borrow_mut().offer(batch);
        self.tell(&from, offer.reports);
        let accepted = |assignment: &&Arc<_>| has_effect(assignment);
        let entries: Vec<Entry> = offer
            .fresh
            .iter()
            .filter(accepted)
            .map(|assignment| Entry::Accepted { run: assignment.run, job: assignment.job.id })
            .collect();
        let spooled = self.spool(&entries).await;
        let reports = match spooled {
            Ok(()) => self.pool.borrow_mut().accepted(offer.fresh),
            Err(why) => {
                self.never_mind(offer.fresh.iter().map(|assignment| assignment.run)).await;
                self.pool.borrow_mut().withdrawn(&offer.fresh, &why)
            }
        };
        self.tell(&from, reports);
        self.start.nudge();
    }

    /// Does what dispatchers ask for.
    pub(super) async fn obey(self: Rc<Self>, controls: Vec<Control>) {
        self.until_recovered().await;
        for control in controls {
            match control {
                Control::Acknowledge { runs } => self.forget(&runs).await,
                Control::Kill { run, reason } => self.kill(run, &reason).await,
                Control::Hold(hold) => self.hold(hold),
                Control::Begin { runs } => {
                    self.pool.borrow_mut().may_begin(&runs);
                    self.start.nudge();
                }
                Control::Revoke { runs, upto, reply_to } => {
                    let revoked = self.pool.borrow_mut().revoked(&runs, upto);
                    // Before it is told: whoever gets them next must be the only one who has them.
                    self.never_mind(revoked.runs.into_iter()).await;
                    self.tell(&reply_to, revoked.reports);
                    self.start.nudge();
                }
                Control::Inquire { runs, upto, reply_to } => {
                    let reports = self.pool.borrow_mut().inquired(&runs, upto);
                    self.tell(&reply_to, reports);
                }
            }
        }
    }

    async fn forget(&self, runs: &[RunId]) {
        let forgotten = self.pool.borrow_mut().acknowledged(runs);
        let entries: Vec<Entry> = forgotten.into_iter().map(|run| Entry::Acknowledged { run }).collect();
        // What cannot be noted now is acknowledged again after a restart.
        let _ = self.spool(&entries).await;
    }

    async fn kill(&self, run: RunId, reason: &str) {
        let now = self.setup.ports.clock.now();
        let stopped = self.pool.borrow_mut().kill(run, reason, now);
        match stopped {
            Stopped::Executing => self.stop(run, Stop::Kill),
            Stopped::Waiting(ended) => self.conclude(vec![ended]).await,
            Stopped::Nothing => {}
        }
    }

    fn hold(&self, hold: bool) {
        self.pool.borrow_mut().hold(hold);
        self.setup.figures.held.set(i64::from(hold));
        self.start.nudge();
    }

    /// Has an executing run end.
    pub(super) fn stop(&self, run: RunId, stop: Stop) {
        if let Some(sender) = self.stops.borrow().get(&run) {
            sender.send_replace(stop);
        }
    }

    pub(super) fn stop_all(&self, stop: Stop) -> u32 {
        let stops = self.stops.borrow();
        for sender in stops.values() {
            sender.send_replace(stop);
        }
        u32::try_from(stops.len()).unwrap_or(u32::MAX)
    }

    /// Lets go of what goes on without this node; says how many runs that are.
    pub(super) async fn leave(self: Rc<Self>) -> u32 {
        let left = self.setup.ports.runner.leave().await;
        for run in &left {
            self.pool.borrow_mut().left(*run);
            self.stops.borrow_mut().remove(run);
        }
        u32::try_from(left.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn close(&self) {
        let returned = self.pool.borrow_mut().close();
        for (job, report) in returned {
            self.tell_dispatcher(job, report);
        }
    }

    /// Keeps outcomes until they are acknowledged, and reports them.
    pub(super) async fn conclude(&self, ended: Vec<Ended>) {
        let entries: Vec<Entry> = ended
            .iter()
            .map(|ended| Entry::Ended { run: ended.run, job: ended.job, outcome: Arc::clone(&ended.outcome) })
            .collect();
        while self.spool(&entries).await.is_err() {
            self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
        }
        self.setup.figures.ended.add(ended.len());
        self.tell_dispatchers(ended.iter().map(|ended| (ended.job, ended.report())));
    }

    /// Appends to the spool.
    pub(super) async fn spool(&self, entries: &[Entry]) -> Result<(), String> {
        if entries.is_empty() {
            return Ok(());
        }
        self.setup.ports.spool.append(entries).await.map_err(|error| {
            self.setup.figures.spool_failures.add(1);
            tracing::error!(%error, "the spool cannot be written");
            error.to_string()
        })
    }

    /// Reports to whoever dispatches the job's partition. While nobody does, nobody is told: an end is told again.
    pub(super) fn tell_dispatcher(&self, job: JobId, report: Report) {
        self.tell_dispatchers(std::iter::once((job, report)));
    }

    /// Reports to those who dispatch the jobs' partitions.
    pub(super) fn tell_dispatchers(&self, told: impl Iterator<Item = (JobId, Report)>) {
        let dispatchers = self.dispatchers.borrow();
        let mut reports = self.reports.borrow_mut();
        for (job, report) in told {
            let Some(name) = dispatchers.of(job.partition()) else { continue };
            match reports.get_mut(name) {
                Some(reports) => reports.push(report),
                None => drop(reports.insert(name.clone(), vec![report])),
            }
        }
        self.report.nudge();
    }

    pub(super) fn tell(&self, dispatcher: &NodeName, reports: Vec<Report>) {
        if reports.is_empty() {
            return;
        }
        self.reports.borrow_mut().entry(dispatcher.clone()).or_default().extend(reports);
        self.report.nudge();
    }

    /// Sends reports together that came together, for ever.
    pub(super) async fn keep_reporting(self: Rc<Self>) {
        loop {
            self.report.nudged().await;
            let reports = std::mem::take(&mut *self.reports.borrow_mut());
            for (dispatcher, reports) in reports {
                let message = Message::Reports { node: self.setup.node.clone(), reports };
                self.outbox.push(Address::Dispatcher(dispatcher), message);
            }
            self.count();
        }
    }

    fn count(&self) {
        let pool = self.pool.borrow();
        let set = |counter: &crate::observe::Counter, value| counter.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.setup.figures.executing, pool.executing());
        set(&self.setup.figures.queued, pool.queued());
    }

    /// Asks again for leave to begin what waits for that.
    pub(super) fn ask_for_leave(&self) {
        let waiting = self.pool.borrow().without_leave();
        self.tell_dispatchers(waiting.into_iter().map(|(assignment, report)| (assignment.job.id, report)));
    }

    /// Reports again what nobody acknowledged or answered, for ever.
    pub(super) async fn keep_repeating(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        loop {
            clock.sleep(REPEAT).await;
            let since = clock.now() - REPEAT;
            let waiting = self.pool.borrow().unacknowledged();
            self.setup.figures.unacknowledged.set(i64::try_from(waiting.len()).unwrap_or(i64::MAX));
            for ended in waiting.iter().filter(|ended| ended.outcome.ended_at < since) {
                self.tell_dispatcher(ended.job, ended.report());
            }
            self.ask_for_leave();
        }
    }

    /// Ends runs whose timeout is over, for ever.
    pub(super) async fn keep_time(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        loop {
            let over = self.pool.borrow_mut().timed_out(clock.now());
            for (run, on_timeout) in over {
                self.setup.figures.overtime.add(1);
                match on_timeout {
                    OnTimeout::Kill => self.stop(run, Stop::TimedOut),
                    OnTimeout::Alert => tracing::warn!(%run, "a run takes longer than its timeout and goes on"),
                }
            }
            let next = self.pool.borrow().next_deadline();
            self.time.nudged_or_at(&*clock, next).await;
        }
    }
}
