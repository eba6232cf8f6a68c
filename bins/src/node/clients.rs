//! Whether this node answers plain clients of the bus.

use std::sync::Arc;

use cronbus_actors::Ports;
use cronbus_adapters::bus::NatsBus;
use cronbus_core::config::Config;
use cronbus_core::port::Operations;
use cronbus_core::port::membership::Role;

use super::clerk::NodeClerk;

/// Answers them from now on, if this node is one that does: a dispatcher, whose configuration allows it.
pub(super) fn serve(bus: &NatsBus, config: &Config, operations: &Arc<dyn Operations>, ports: &Ports) {
    let Some(store) = &ports.store else { return };
    if !config.bus.submit || !config.node.roles.contains(&Role::Dispatcher) {
        return;
    }
    if bus.is_guarded() == Some(false) {
        tracing::warn!(
            "whoever reaches {} can have anything executed here: the server does not ask who its clients are. Give it \
             users and permissions, or set bus.submit = false",
            config.bus.url
        );
    }
    bus.serve(Arc::new(NodeClerk {
        operations: Arc::clone(operations),
        store: Arc::clone(store),
        clock: Arc::clone(&ports.clock),
    }));
}
