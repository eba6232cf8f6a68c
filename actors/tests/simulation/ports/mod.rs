//! The ports of one life of a node: each passes through its [`Life`](crate::life::Life), and goes wrong as the world's
//! plan has it.

mod accounts;
mod alerts;
mod audit;
mod bus;
mod clock;
pub(crate) mod diary;
mod guard;
mod log;
mod membership;
mod runner;
mod secrets;
mod spool;
mod store;

use std::sync::Arc;

use cronbus_actors::Ports;
use cronbus_core::local::bus::LocalBus;
use cronbus_core::local::membership::{LocalMembership, SharedMembership};
use cronbus_core::port::membership::Role;
use cronbus_core::port::notifier::Silent;
use cronbus_core::port::{Membership, Store};

use crate::life::Life;
use crate::world::{Host, World};

/// The way of one life into the world.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) world: Arc<World>,
    pub(crate) host: Arc<Host>,
    pub(crate) life: Arc<Life>,
}

/// All ports of a life. A sole node has its bus and its register for itself, and they end with it.
pub(crate) fn of(way: &Way, lease: Option<Arc<SharedMembership>>) -> Ports {
    let bus = if way.world.plan.sole { LocalBus::default() } else { way.world.bus.clone() };
    let members: Arc<dyn Membership> = match lease {
        Some(lease) => lease,
        None => Arc::new(LocalMembership::default()),
    };
    let needs_store = way.host.roles.iter().any(|role| *role != Role::Executor);
    Ports {
        clock: Arc::new(clock::Seen(way.clone())),
        store: needs_store.then(|| Arc::new(store::Frail(way.clone())) as Arc<dyn Store>),
        bus: Arc::new(bus::Frail { way: way.clone(), bus }),
        membership: Arc::new(membership::Frail { way: way.clone(), members }),
        guard: Arc::new(guard::Frail(way.clone())),
        log: Arc::new(log::Nowhere),
        notifier: Arc::new(Silent),
        runner: Arc::new(runner::Simulated(way.clone())),
        spool: Arc::new(spool::Frail(way.clone())),
    }
}
