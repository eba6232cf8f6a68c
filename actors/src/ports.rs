//! The ports of a node, together.

use std::sync::Arc;

use cronbus_core::port::{Bus, Clock, Guard, Log, Membership, Notifier, Runner, Spool, Store};

/// What a node's actors reach the world through. Clones share it.
#[derive(Clone, Debug)]
pub struct Ports {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The truth. A node that only executes needs none.
    pub store: Option<Arc<dyn Store>>,
    /// Messages between nodes.
    pub bus: Arc<dyn Bus>,
    /// Which nodes live.
    pub membership: Arc<dyn Membership>,
    /// Keeps losers of a race away from the store.
    pub guard: Arc<dyn Guard>,
    /// What runs print.
    pub log: Arc<dyn Log>,
    /// Carries messages to people.
    pub notifier: Arc<dyn Notifier>,
    /// Executes runs.
    pub runner: Arc<dyn Runner>,
    /// What the executor must not forget.
    pub spool: Arc<dyn Spool>,
}
