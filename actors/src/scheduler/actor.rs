//! The actor: its messages, and the loops it starts.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, Handler, Message, WrapFuture};
use cronbus_core::catalog::Catalog;
use cronbus_core::id::{JobId, NodeName, Partition};
use cronbus_core::job::Job;
use cronbus_core::planner::{self, Batch, Planner};
use cronbus_core::port::Store;
use cronbus_core::time::Timestamp;
use cronbus_core::wire;
use tokio::sync::oneshot;

use super::lanes::Lanes;
use super::ownership::Loan;
use crate::dispatcher::Dispatcher;
use crate::mailbox::Mailbox;
use crate::observe::Counter;
use crate::ports::Ports;
use crate::tasks::Tasks;
use crate::wake::Wake;

/// What the actor is built from.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) node: NodeName,
    /// When this node started.
    pub(crate) life: Timestamp,
    pub(crate) settings: planner::Settings,
    pub(crate) ports: Ports,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalog: Arc<Catalog>,
    /// The dispatcher of this node; absent when it has none.
    pub(crate) dispatcher: Option<Mailbox<Dispatcher>>,
    pub(crate) figures: Figures,
}

/// What it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) jobs: Counter,
    pub(crate) partitions: Counter,
    pub(crate) batches: Counter,
    pub(crate) slots: Counter,
    pub(crate) caught_up: Counter,
    pub(crate) fenced: Counter,
    pub(crate) batches_out: Counter,
}

/// The scheduler of a node.
#[derive(Debug)]
pub(crate) struct Scheduler {
    pub(super) mind: Rc<Mind>,
}

/// What its loops share.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) setup: Setup,
    pub(super) planner: RefCell<Planner>,
    /// The partitions of this node.
    pub(super) loans: RefCell<BTreeMap<Partition, Loan>>,
    /// What dispatchers elsewhere have not answered, by its number.
    pub(super) unanswered: RefCell<HashMap<u64, oneshot::Sender<Vec<Partition>>>>,
    pub(super) sequence: Cell<u64>,
    pub(super) plan: Wake,
    pub(super) own: Wake,
    pub(super) batches: RefCell<VecDeque<Batch>>,
    pub(super) create: Wake,
    pub(super) lanes: Lanes,
    pub(super) tasks: Tasks,
    pub(super) closed: Cell<bool>,
}

impl Scheduler {
    pub(crate) fn new(setup: Setup) -> Self {
        let planner = RefCell::new(Planner::new(setup.settings));
        let mind = Mind {
            setup,
            planner,
            loans: RefCell::default(),
            unanswered: RefCell::default(),
            sequence: Cell::new(0),
            plan: Wake::default(),
            own: Wake::default(),
            batches: RefCell::default(),
            create: Wake::default(),
            lanes: Lanes::default(),
            tasks: Tasks::none(),
            closed: Cell::new(false),
        };
        Self { mind: Rc::new(mind) }
    }
}

impl Actor for Scheduler {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (jobs, seen) = self.mind.setup.catalog.all();
        self.mind.learn(jobs);
        if let Some(seen) = seen {
            self.mind.planner.borrow_mut().catalog_seen(seen);
        }
        let mind = &self.mind;
        ctx.spawn(Rc::clone(mind).keep_owning().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_planning().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_creating().into_actor(self));
        let tasks = Rc::clone(mind);
        ctx.spawn(async move { tasks.tasks.run().await }.into_actor(self));
    }
}

impl Mind {
    fn learn(&self, jobs: Vec<Arc<Job>>) {
        let mut planner = self.planner.borrow_mut();
        for job in jobs {
            planner.job_changed(job);
        }
        self.setup.figures.jobs.set(i64::try_from(planner.len()).unwrap_or(i64::MAX));
        self.plan.nudge();
    }
}

/// Jobs are new or were changed.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct JobsChanged(pub(crate) Arc<Vec<Arc<Job>>>);

impl Handler<JobsChanged> for Scheduler {
    type Result = ();
    fn handle(&mut self, JobsChanged(jobs): JobsChanged, _: &mut Self::Context) {
        self.mind.learn(jobs.to_vec());
    }
}

/// Every change made before this instant has been told.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CatalogSeen(pub(crate) Timestamp);

impl Handler<CatalogSeen> for Scheduler {
    type Result = ();
    fn handle(&mut self, CatalogSeen(at): CatalogSeen, _: &mut Self::Context) {
        self.mind.planner.borrow_mut().catalog_seen(at);
        self.mind.plan.nudge();
    }
}

/// The wall clock was set: what is due has to be looked at again.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ClockJumped;

impl Handler<ClockJumped> for Scheduler {
    type Result = ();
    fn handle(&mut self, _: ClockJumped, _: &mut Self::Context) {
        self.mind.plan.nudge();
    }
}

/// A dispatcher elsewhere has made a batch durable.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Durable(pub(crate) wire::Durable);

impl Handler<Durable> for Scheduler {
    type Result = ();
    fn handle(&mut self, Durable(durable): Durable, _: &mut Self::Context) {
        self.mind.answered(durable);
    }
}

/// When is the job due next?
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Option<Timestamp>")]
pub(crate) struct NextDue(pub(crate) JobId);

impl Handler<NextDue> for Scheduler {
    type Result = Option<Timestamp>;
    fn handle(&mut self, NextDue(job): NextDue, _: &mut Self::Context) -> Option<Timestamp> {
        self.mind.planner.borrow().due_of(job)
    }
}

/// Plans nothing more: the node is ending.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Close;

impl Handler<Close> for Scheduler {
    type Result = ();
    fn handle(&mut self, _: Close, _: &mut Self::Context) {
        self.mind.closed.set(true);
    }
}
