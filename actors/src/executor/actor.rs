//! The actor: its messages, and the loops it starts.

use std::rc::Rc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message, ResponseFuture, WrapFuture};
use cronbus_core::id::NodeName;
use cronbus_core::pool;
use cronbus_core::port::membership::Snapshot;
use cronbus_core::port::runner::Stop;
use cronbus_core::route::Dispatchers;
use cronbus_core::wire::{AssignmentBatch, Control};

use super::mind::Mind;
use crate::observe::Counter;
use crate::ports::Ports;

/// What the actor is built from.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) node: NodeName,
    pub(crate) pool: pool::Settings,
    pub(crate) kill_grace: Duration,
    pub(crate) output_limit: u64,
    /// Whether processes that a former life left behind are ended.
    pub(crate) kill_orphans: bool,
    pub(crate) ports: Ports,
    pub(crate) figures: Figures,
}

/// What it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) executing: Counter,
    pub(crate) queued: Counter,
    pub(crate) started: Counter,
    pub(crate) ended: Counter,
    pub(crate) unacknowledged: Counter,
    pub(crate) orphans: Counter,
    pub(crate) overtime: Counter,
    pub(crate) held: Counter,
    pub(crate) spool_failures: Counter,
}

/// The executor of a node.
#[derive(Debug)]
pub(crate) struct Executor {
    pub(super) mind: Rc<Mind>,
}

impl Executor {
    pub(crate) fn new(setup: Setup) -> Self {
        Self { mind: Rc::new(Mind::new(setup)) }
    }
}

impl Actor for Executor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let mind = &self.mind;
        ctx.spawn(Rc::clone(mind).recover().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_starting().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_time().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_reporting().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_repeating().into_actor(self));
        let tasks = Rc::clone(mind);
        ctx.spawn(async move { tasks.tasks.run().await }.into_actor(self));
        let outbox = Rc::clone(mind);
        ctx.spawn(async move { outbox.outbox.run(&outbox.setup.ports).await }.into_actor(self));
    }
}

/// A dispatcher hands runs over.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Assigned(pub(crate) AssignmentBatch);

impl Handler<Assigned> for Executor {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, Assigned(batch): Assigned, _: &mut Self::Context) -> Self::Result {
        Box::pin(Rc::clone(&self.mind).take(batch))
    }
}

/// A dispatcher asks for something, urgently.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Controlled(pub(crate) Vec<Control>);

impl Handler<Controlled> for Executor {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, Controlled(controls): Controlled, _: &mut Self::Context) -> Self::Result {
        Box::pin(Rc::clone(&self.mind).obey(controls))
    }
}

/// Which nodes live: who is told of what happens.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct MembersChanged(pub(crate) Snapshot);

impl Handler<MembersChanged> for Executor {
    type Result = ();
    fn handle(&mut self, MembersChanged(snapshot): MembersChanged, _: &mut Self::Context) {
        self.mind.dispatchers.replace(Dispatchers::among(&snapshot.members));
        self.mind.pool.borrow_mut().members_changed(&snapshot.members);
        // Whoever was asked may be gone.
        self.mind.ask_for_leave();
    }
}

/// Takes and starts nothing new: the node is ending. What waits is returned.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Close;

impl Handler<Close> for Executor {
    type Result = ();
    fn handle(&mut self, _: Close, _: &mut Self::Context) {
        self.mind.close();
    }
}

/// Lets go of what goes on without this node; answers how many runs that are.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "u32")]
pub(crate) struct Leave;

impl Handler<Leave> for Executor {
    type Result = ResponseFuture<u32>;
    fn handle(&mut self, _: Leave, _: &mut Self::Context) -> Self::Result {
        Box::pin(Rc::clone(&self.mind).leave())
    }
}

/// Ends everything that executes; answers how much that was.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "u32")]
pub(crate) struct KillAll(pub(crate) Stop);

impl Handler<KillAll> for Executor {
    type Result = u32;
    fn handle(&mut self, KillAll(stop): KillAll, _: &mut Self::Context) -> u32 {
        self.mind.stop_all(stop)
    }
}

/// How many runs execute, and how many outcomes are not acknowledged?
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Option<(usize, usize)>")]
pub(crate) struct Idle;

impl Handler<Idle> for Executor {
    type Result = Option<(usize, usize)>;
    fn handle(&mut self, _: Idle, _: &mut Self::Context) -> Self::Result {
        let pool = self.mind.pool.borrow();
        Some((pool.executing(), pool.unacknowledged_count()))
    }
}
