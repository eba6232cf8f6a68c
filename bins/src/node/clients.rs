//! Whether this node answers plain clients of the bus.

use std::sync::Arc;

use cronbus_actors::Ports;
use cronbus_adapters::bus::{Admission, NatsBus};
use cronbus_core::config::{Config, ServiceUrl, Submit};
use cronbus_core::port::Operations;
use cronbus_core::port::membership::Role;

use super::clerk::NodeClerk;

/// Answers them from now on, if this node is one that does: a dispatcher, whose configuration allows it.
pub(super) fn serve(bus: &NatsBus, config: &Config, operations: &Arc<dyn Operations>, ports: &Ports) {
    let Some(store) = &ports.store else { return };
    if !config.node.roles.contains(&Role::Dispatcher) {
        return;
    }
    let admission = match config.bus.submit {
        Submit::Never => return,
        Submit::Always => Admission::Everybody,
        Submit::Auto => Admission::Known,
    };
    if bus.is_guarded() == Some(false) {
        warn(admission, &config.bus.url);
    }
    let clerk =
        NodeClerk { operations: Arc::clone(operations), store: Arc::clone(store), clock: Arc::clone(&ports.clock) };
    bus.serve(Arc::new(clerk), admission);
}

/// Says what follows from a server that asks nobody who he is.
fn warn(admission: Admission, url: &ServiceUrl) {
    match admission {
        Admission::Everybody => tracing::warn!(
            "whoever reaches {url} can have anything executed here: the server does not ask who its clients are, and \
             bus.submit is true. Give it users and permissions, and set bus.submit = \"auto\""
        ),
        Admission::Known => tracing::info!(
            "submissions are taken only when they are signed with the cluster's key: {url} does not ask who its clients \
             are. Give it users and permissions, or set bus.submit = true"
        ),
    }
}
