//! The actor: what it is built from, what its loops share, and the loops it starts.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, WrapFuture};
use cronbus_core::alert::Rules;
use cronbus_core::catalog::Catalog;
use cronbus_core::id::NodeName;
use cronbus_core::port::Store;
use cronbus_core::time::Timestamp;

use super::leading::Lead;
use super::looking::Looks;
use super::watching::Nodes;
use crate::node::Alerting;
use crate::observe::{Counter, Observer};
use crate::ports::Ports;
use crate::wake::Wake;

/// What the actor is built from.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) node: NodeName,
    /// Whether this node may become the alerter: it plays the monitor.
    pub(crate) may_lead: bool,
    pub(crate) ports: Ports,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) settings: Alerting,
    pub(crate) figures: Figures,
}

/// What it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// 1 while this node is the alerter.
    pub(crate) leads: Counter,
    pub(crate) events: Counter,
    pub(crate) incidents: Counter,
    /// Messages that wait at desks.
    pub(crate) held: Counter,
    /// How long the oldest event or delivery that is due has waited, in milliseconds.
    pub(crate) backlog_age_ms: Counter,
    pub(crate) store_failures: Counter,
    /// Deliveries by channel and outcome get their counters here.
    pub(crate) observer: Observer,
}

impl Figures {
    /// How often something came of deliveries over a channel.
    pub(super) fn deliveries(&self, channel: &str, outcome: &str) -> Counter {
        self.observer.counter("alerter", &format!("{outcome}_total/{channel}"))
    }
}

/// The alerter of a node.
#[derive(Debug)]
pub(crate) struct Alerter {
    mind: Rc<Mind>,
}

/// What its loops share.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) setup: Setup,
    /// Set while this node is the alerter.
    pub(super) lead: RefCell<Option<Lead>>,
    pub(super) nodes: RefCell<Nodes>,
    pub(super) looks: RefCell<Looks>,
    pub(super) deliver: Wake,
}

impl Alerter {
    pub(crate) fn new(setup: Setup) -> Self {
        let (lead, nodes, looks) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { mind: Rc::new(Mind { setup, lead, nodes, looks, deliver: Wake::default() }) }
    }
}

impl Actor for Alerter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let mind = &self.mind;
        ctx.spawn(Rc::clone(mind).keep_reporting().into_actor(self));
        if mind.setup.may_lead {
            ctx.spawn(Rc::clone(mind).keep_leading().into_actor(self));
            ctx.spawn(Rc::clone(mind).keep_delivering().into_actor(self));
        }
    }
}

impl Mind {
    pub(super) fn now(&self) -> Timestamp {
        self.setup.ports.clock.now()
    }
}
