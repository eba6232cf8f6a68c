//! The actor: what it is built from, and the loops it starts.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};
use cronbus_core::catalog::Catalog;
use cronbus_core::dispatch;
use cronbus_core::port::Store;
use cronbus_core::time::Timestamp;

use super::mind::Mind;
use crate::observe::Counter;
use crate::ports::Ports;

/// What the actor is built from.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) settings: dispatch::Settings,
    /// When this node started.
    pub(crate) life: Timestamp,
    /// How long changes are collected before they are written.
    pub(crate) flush: Duration,
    /// How many are written at a time, and how many end the collecting.
    pub(crate) flush_rows: usize,
    pub(crate) ports: Ports,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) figures: Figures,
}

/// What it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) active: Counter,
    pub(crate) out: Counter,
    pub(crate) created: Counter,
    pub(crate) existing: Counter,
    pub(crate) assigned: Counter,
    pub(crate) succeeded: Counter,
    pub(crate) failed: Counter,
    pub(crate) answered: Counter,
    pub(crate) retried: Counter,
    pub(crate) rerouted: Counter,
    pub(crate) illegal: Counter,
    pub(crate) recorded: Counter,
    pub(crate) late_outcomes: Counter,
    /// Batches made without asking the guard, because it was away.
    pub(crate) unguarded: Counter,
    /// How often the store refused to write for a partition because its epoch was not in force any more.
    pub(crate) fenced: Counter,
    pub(crate) store_failures: Counter,
    /// 1 while the store does not answer.
    pub(crate) store_away: Counter,
}

/// The dispatcher of a node.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub(super) mind: Rc<Mind>,
}

impl Dispatcher {
    pub(crate) fn new(setup: Setup) -> Self {
        Self { mind: Rc::new(Mind::new(setup)) }
    }
}

impl Actor for Dispatcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.mind.begin();
        let mind = &self.mind;
        ctx.spawn(Rc::clone(mind).keep_time().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_flushing().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_looking_up().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_finding().into_actor(self));
        ctx.spawn(Rc::clone(mind).keep_noting().into_actor(self));
        let tasks = Rc::clone(mind);
        ctx.spawn(async move { tasks.tasks.run().await }.into_actor(self));
        let mind = Rc::clone(mind);
        ctx.spawn(async move { mind.outbox.run(&mind.setup.ports).await }.into_actor(self));
    }
}
