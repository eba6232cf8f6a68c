//! Puts the ports together.

use std::sync::Arc;

use anyhow::Result;
use cronbus_actors::Ports;
use cronbus_core::config::Config;
use cronbus_core::port::{Clock, Store};

use super::local::Local;
use super::{bus, guard, membership};

/// The ports of a node. Called inside the runtime that the drivers of the services live in.
///
/// # Errors
/// When a service is there and refuses this node, or its address cannot be used.
pub(in crate::node) async fn connect(
    config: &Config,
    local: Local,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
) -> Result<Ports> {
    let Local { log, runner, spool } = local;
    Ok(Ports {
        store,
        bus: bus::connect(config).await?,
        membership: membership::connect(config).await?,
        guard: guard::connect(config, &clock).await?,
        log,
        runner,
        spool,
        clock,
    })
}
