//! Puts the ports together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use cronbus_actors::Ports;
use cronbus_adapters::log::{ClusterLog, FileLog};
use cronbus_core::port::{Bus, Log, Notifier, Store};

use super::bus::Reach;
use super::local::Local;
use super::premises::Premises;
use super::{bus, guard, membership, notifier};
use crate::node::secrets::{Courier, Opener};
use crate::safe::Safe;

/// How long a node that ends waits until others have what was printed there.
const SETTLE: Duration = Duration::from_secs(5);

/// The ports of a node, and how it reaches others. Called inside the runtime that the drivers of the services live in.
///
/// # Errors
/// When a service is there and refuses this node, or its address cannot be used.
pub(in crate::node) async fn connect(
    premises: &Premises<'_>,
    local: Local,
    store: Option<Arc<dyn Store>>,
) -> Result<(Ports, Connected)> {
    let Local { log, runner, spool } = local;
    let reach = bus::connect(premises).await?;
    let logs = logs(log, &reach);
    let notifier = notifier::open(premises)?;
    let safe = Arc::new(Safe::of(premises.config, premises.directory)?);
    let way = reach.way(&premises.config.cluster)?;
    let bus: Arc<dyn Bus> = match &store {
        Some(store) => {
            let (store, safe, way) = (Arc::clone(store), Arc::clone(&safe), way.clone());
            Arc::new(Courier { bus: reach.bus(), store, safe, way })
        }
        None => reach.bus(),
    };
    let runner = Arc::new(Opener { runner, way, clock: Arc::clone(premises.clock) });
    let ports = Ports {
        store,
        bus,
        membership: membership::connect(premises).await?,
        guard: guard::connect(premises).await?,
        log: logs.port(),
        notifier: Arc::clone(&notifier),
        runner,
        spool,
        clock: Arc::clone(premises.clock),
    };
    Ok((ports, Connected { reach, logs, notifier, safe }))
}

/// How a node reaches others and tells people, and where it has what runs print.
#[derive(Debug)]
pub(in crate::node) struct Connected {
    pub(in crate::node) reach: Reach,
    pub(in crate::node) logs: Logs,
    pub(in crate::node) notifier: Arc<dyn Notifier>,
    /// Opens the secrets of jobs.
    pub(in crate::node) safe: Arc<Safe>,
}

/// Where what runs print is read.
#[derive(Clone, Debug)]
pub(in crate::node) enum Logs {
    /// In the files of this node.
    Here(Arc<FileLog>),
    /// On every host.
    Everywhere(Arc<ClusterLog>),
}

impl Logs {
    fn port(&self) -> Arc<dyn Log> {
        match self {
            Self::Here(log) => Arc::clone(log) as Arc<dyn Log>,
            Self::Everywhere(log) => Arc::clone(log) as Arc<dyn Log>,
        }
    }

    /// Waits until others have what was printed here, but not for long: what they have not, the next life sends.
    pub(in crate::node) async fn settle(&self) {
        if let Self::Everywhere(log) = self
            && !log.settle(SETTLE).await
        {
            tracing::warn!("what runs printed is not on the bus to its end: this node sends it when it starts again");
        }
    }
}

fn logs(files: FileLog, reach: &Reach) -> Logs {
    match reach {
        Reach::Alone => Logs::Here(Arc::new(files)),
        Reach::Nats(bus) => Logs::Everywhere(Arc::new(ClusterLog::over(files, bus))),
    }
}
