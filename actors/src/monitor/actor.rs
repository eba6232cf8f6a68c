//! The actor: its messages, and the loops it starts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message, ResponseFuture, WrapFuture};
use cronbus_core::catalog::Catalog;
use cronbus_core::port::Store;
use cronbus_core::port::store::ChangeSequence;
use cronbus_core::time::Timestamp;

use crate::dispatcher::Dispatcher;
use crate::mailbox::Mailbox;
use crate::observe::Counter;
use crate::ports::Ports;
use crate::scheduler::Scheduler;

/// What the actor is built from.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) ports: Ports,
    /// Where changes of jobs are read; absent on nodes that need no jobs.
    pub(crate) feed: Option<Arc<dyn Store>>,
    /// Where old runs are forgotten; absent on nodes that leave that to others.
    pub(crate) history: Option<Arc<dyn Store>>,
    pub(crate) catalog: Arc<Catalog>,
    /// How often the feed of changes is read.
    pub(crate) refresh: Duration,
    pub(crate) retention: super::super::node::Retention,
    /// Absent on nodes without these roles.
    pub(crate) scheduler: Option<Mailbox<Scheduler>>,
    pub(crate) dispatcher: Option<Mailbox<Dispatcher>>,
    pub(crate) figures: Figures,
}

/// What it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) jobs: Counter,
    pub(crate) changes: Counter,
    pub(crate) feed_failures: Counter,
    pub(crate) clock_jumps: Counter,
    pub(crate) clock_jump_ms: Counter,
    pub(crate) pruned_runs: Counter,
    pub(crate) pruned_revisions: Counter,
    pub(crate) pruned_jobs: Counter,
    pub(crate) pruned_logs: Counter,
}

/// The monitor of a node.
#[derive(Debug)]
pub(crate) struct Monitor {
    pub(super) mind: Rc<Mind>,
}

/// What its loops share.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) setup: Setup,
    pub(super) sequence: Cell<ChangeSequence>,
    pub(super) last_look: Cell<Option<Timestamp>>,
    pub(super) trouble: RefCell<Option<String>>,
    /// One reader at a time.
    pub(super) reading: tokio::sync::Mutex<()>,
}

impl Monitor {
    pub(crate) fn new(setup: Setup) -> Self {
        let mind = Mind {
            setup,
            sequence: Cell::default(),
            last_look: Cell::new(None),
            trouble: RefCell::default(),
            reading: tokio::sync::Mutex::new(()),
        };
        Self { mind: Rc::new(mind) }
    }
}

impl Actor for Monitor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let mind = &self.mind;
        ctx.spawn(Rc::clone(mind).keep_following().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_watching_the_clock().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_house().into_actor(self));
    }
}

/// Read the feed now; answers when what was there has been told.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Refresh;

impl Handler<Refresh> for Monitor {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, _: Refresh, _: &mut Self::Context) -> Self::Result {
        let mind = Rc::clone(&self.mind);
        Box::pin(async move { mind.read_feed().await })
    }
}

/// When was the feed last read to its end, and what is wrong with it since?
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Option<(Option<Timestamp>, Option<String>)>")]
pub(crate) struct LastLook;

impl Handler<LastLook> for Monitor {
    type Result = Option<(Option<Timestamp>, Option<String>)>;
    fn handle(&mut self, _: LastLook, _: &mut Self::Context) -> Self::Result {
        Some((self.mind.last_look.get(), self.mind.trouble.borrow().clone()))
    }
}
