//! The state machine of cronbus-core, and what is done of what it wants.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use cronbus_core::dispatch::{Dispatch, Effects};
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::bus::Address;
use cronbus_core::port::membership::Member;
use cronbus_core::port::store::Note;
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::{AssignmentBatch, Message};

use super::actor::Setup;
use super::batches;
use crate::outbox::Outbox;
use crate::tasks::Tasks;
use crate::wake::Wake;

/// What the actor's loops share.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) setup: Setup,
    pub(super) dispatch: RefCell<Dispatch>,
    pub(super) outbox: Outbox,
    pub(super) time: Wake,
    pub(super) flush: Wake,
    pub(super) look: Wake,
    pub(super) find: Wake,
    pub(super) tasks: Tasks,
    pub(super) look_ups: RefCell<Vec<RunId>>,
    /// Runs that may have become durable although the store did not say so.
    doubtful: RefCell<Vec<RunId>>,
    /// What came late, and who waits for its being noted.
    notes: RefCell<Vec<(NodeName, Note)>>,
    note: Wake,
    /// One creation at a time, so that watermarks move in the order they were planned.
    pub(super) creating: tokio::sync::Mutex<()>,
    pub(super) members: RefCell<Vec<Member>>,
    /// The batches of schedulers elsewhere that are being made durable: they are sent again meanwhile.
    pub(super) due: RefCell<BTreeSet<(NodeName, Timestamp, u64)>>,
    sequences: RefCell<HashMap<NodeName, u64>>,
    pub(super) flush_is_out: Cell<bool>,
}

impl Mind {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            dispatch: RefCell::new(Dispatch::new(setup.settings.clone())),
            setup,
            outbox: Outbox::default(),
            time: Wake::default(),
            flush: Wake::default(),
            look: Wake::default(),
            find: Wake::default(),
            tasks: Tasks::none(),
            due: RefCell::default(),
            look_ups: RefCell::default(),
            doubtful: RefCell::default(),
            notes: RefCell::default(),
            note: Wake::default(),
            creating: tokio::sync::Mutex::new(()),
            members: RefCell::default(),
            sequences: RefCell::default(),
            flush_is_out: Cell::new(false),
        }
    }

    /// Learns what was known before this actor was started again.
    pub(super) fn begin(&self) {
        let (jobs, seen) = self.setup.catalog.all();
        let snapshot = self.setup.ports.membership.snapshot();
        self.members.replace(snapshot.members.to_vec());
        self.tell(|dispatch, now| {
            for job in jobs {
                dispatch.job_changed(job);
            }
            if seen.is_some() {
                dispatch.catalog_complete(now);
            }
            dispatch.members_changed(&snapshot.members, now);
        });
    }

    /// Tells the state machine something, and does what it wants then.
    pub(super) fn tell<T>(&self, what: impl FnOnce(&mut Dispatch, Timestamp) -> T) -> T {
        let now = self.setup.ports.clock.now();
        let mut dispatch = self.dispatch.borrow_mut();
        let said = what(&mut dispatch, now);
        let effects = dispatch.take_effects();
        if dispatch.wants_flush() {
            self.flush.nudge();
        }
        self.count(&dispatch);
        drop(dispatch);
        if !effects.is_empty() {
            self.perform(effects);
        }
        self.time.nudge();
        said
    }

    fn count(&self, dispatch: &Dispatch) {
        let figures = &self.setup.figures;
        let counts = dispatch.counts();
        let set = |counter: &crate::observe::Counter, value: u64| counter.set(value.cast_signed());
        figures.active.set(i64::try_from(dispatch.len()).unwrap_or(i64::MAX));
        figures.out.set(i64::try_from(dispatch.out()).unwrap_or(i64::MAX));
        set(&figures.assigned, counts.assigned);
        set(&figures.succeeded, counts.succeeded);
        set(&figures.failed, counts.failed);
        set(&figures.answered, counts.answered);
        set(&figures.retried, counts.retried);
        set(&figures.rerouted, counts.rerouted);
        set(&figures.illegal, counts.illegal);
    }

    fn perform(&self, effects: Effects) {
        for (node, assignments) in effects.assign {
            for batch in batches::cut(assignments) {
                let message = Message::Assign(self.batch(&node, batch));
                self.outbox.push(Address::Executor(node.clone()), message);
            }
        }
        for (node, controls) in effects.control {
            self.outbox.push(Address::Control(node), Message::Control(controls));
        }
        if !effects.look_up.is_empty() {
            self.look_ups.borrow_mut().extend(effects.look_up);
            self.look.nudge();
        }
        if !effects.note.is_empty() {
            self.notes.borrow_mut().extend(effects.note);
            self.note.nudge();
        }
    }

    fn batch(&self, node: &NodeName, assignments: Vec<cronbus_core::wire::Assignment>) -> AssignmentBatch {
        let to_life = self.members.borrow().iter().find(|member| member.name == *node).map(|member| member.started_at);
        let mut sequences = self.sequences.borrow_mut();
        let sequence = sequences.entry(node.clone()).or_default();
        *sequence += 1;
        AssignmentBatch {
            from: self.setup.settings.node.clone(),
            from_life: self.setup.life,
            to_life: to_life.unwrap_or_default(),
            sequence: *sequence,
            sent_at: (*node != self.setup.settings.node).then(|| self.setup.ports.clock.now()),
            assignments,
        }
    }

    /// Starts what is due, for ever.
    pub(super) async fn keep_time(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        loop {
            let wake = self.dispatch.borrow().next_wake();
            if wake.is_some_and(|at| at <= clock.now()) {
                self.tell(Dispatch::tick);
                // Others on this thread get their turn between two ticks, however much is due.
                tokio::task::yield_now().await;
                continue;
            }
            self.time.nudged_or_at(&*clock, wake).await;
        }
    }

    /// Has the store asked whether this run is there, and takes it in hand if it is.
    pub(super) fn find_out(&self, run: RunId) {
        self.doubtful.borrow_mut().push(run);
        self.look.nudge();
    }

    /// Asks the store about runs that reports, or its own answers, were not clear about, for ever.
    pub(super) async fn keep_looking_up(self: Rc<Self>) {
        loop {
            let asked = std::mem::take(&mut *self.look_ups.borrow_mut());
            let doubtful = std::mem::take(&mut *self.doubtful.borrow_mut());
            if asked.is_empty() && doubtful.is_empty() {
                self.look.nudged().await;
                continue;
            }
            self.dispatch.borrow_mut().reads();
            let rows = self.read(&asked).await;
            self.tell(|dispatch, now| dispatch.looked_up(&asked, rows, now));
            let found = self.read(&doubtful).await;
            self.tell(|dispatch, now| {
                dispatch.adopt(found, now);
                dispatch.has_read();
            });
        }
    }

    /// Notes what came late, for ever.
    pub(super) async fn keep_noting(self: Rc<Self>) {
        loop {
            self.note.nudged().await;
            let told = std::mem::take(&mut *self.notes.borrow_mut());
            let notes: Vec<Note> = told.iter().map(|(_, note)| note.clone()).collect();
            while let Err(error) = self.setup.store.note(&notes).await {
                self.store_failed(&error).await;
            }
            self.setup.figures.late_outcomes.add(notes.len());
            self.tell(|dispatch, _| dispatch.noted(&told));
        }
    }

    /// All at once: who takes over has every run that waits to ask for.
    pub(super) async fn read(&self, ids: &[RunId]) -> Vec<Run> {
        if ids.is_empty() {
            return Vec::new();
        }
        loop {
            match self.setup.store.find(ids).await {
                Ok(rows) => return rows,
                Err(error) => self.store_failed(&error).await,
            }
        }
    }

    /// Notes that the store did not do what it was asked, and waits before the next try.
    pub(super) async fn store_failed(&self, error: &cronbus_core::port::store::Error) {
        self.setup.figures.store_failures.add(1);
        if self.setup.figures.store_away.get() == 0 {
            tracing::error!(%error, "the store does not do what it is asked; nothing is dispatched on the strength of it");
        }
        self.setup.figures.store_away.set(1);
        self.setup.ports.clock.sleep(std::time::Duration::from_millis(200)).await;
    }

    /// Notes that the store answers.
    pub(super) fn store_answered(&self) {
        if self.setup.figures.store_away.get() != 0 {
            tracing::info!("the store answers again");
            self.setup.figures.store_away.set(0);
        }
    }
}
