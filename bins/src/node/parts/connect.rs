//! Puts the ports together.

use std::sync::Arc;

use anyhow::Result;
use cronbus_actors::Ports;
use cronbus_core::port::Store;

use super::bus::Reach;
use super::local::Local;
use super::premises::Premises;
use super::{bus, guard, membership};

/// The ports of a node, and how it reaches others. Called inside the runtime that the drivers of the services live in.
///
/// # Errors
/// When a service is there and refuses this node, or its address cannot be used.
pub(in crate::node) async fn connect(
    premises: &Premises<'_>,
    local: Local,
    store: Option<Arc<dyn Store>>,
) -> Result<(Ports, Reach)> {
    let Local { log, runner, spool } = local;
    let reach = bus::connect(premises).await?;
    let ports = Ports {
        store,
        bus: reach.bus(),
        membership: membership::connect(premises).await?,
        guard: guard::connect(premises).await?,
        log,
        runner,
        spool,
        clock: Arc::clone(premises.clock),
    };
    Ok((ports, reach))
}
