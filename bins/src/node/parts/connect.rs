//! Puts the ports together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use cronbus_actors::Ports;
use cronbus_adapters::log::{ClusterLog, FileLog};
use cronbus_core::port::{Bus, Guard, Log, Membership, Notifier, Runner, Store};

use super::bus::Reach;
use super::local::{Local, open_spool};
use super::premises::Premises;
use super::{bus, guard, membership, notifier};
use crate::node::secrets::{Courier, Opener};
use crate::node::succession::Staying;
use crate::safe::Safe;

/// How long a node that ends waits until others have what was printed there.
const SETTLE: Duration = Duration::from_secs(5);

/// The services that a node works with. Nothing is said in its name yet.
#[derive(Debug)]
pub(in crate::node) struct Services {
    reach: Reach,
    membership: Arc<dyn Membership>,
    guard: Arc<dyn Guard>,
    notifier: Arc<dyn Notifier>,
    safe: Arc<Safe>,
}

impl Services {
    /// Connects to them. Called inside the runtime that their drivers live in.
    ///
    /// # Errors
    /// When a service is there and refuses this node, or its address cannot be used.
    pub(in crate::node) async fn connect(premises: &Premises<'_>) -> Result<Self> {
        Ok(Self {
            reach: bus::connect(premises).await?,
            membership: membership::connect(premises).await?,
            guard: guard::connect(premises).await?,
            notifier: notifier::open(premises)?,
            safe: Arc::new(Safe::of(premises.config, premises.directory)?),
        })
    }

    /// The ports of the node. What its runs print is sent from now on.
    ///
    /// # Errors
    /// When the cluster key cannot be used, or the spool is another process's.
    pub(in crate::node) async fn into_ports(
        self,
        premises: &Premises<'_>,
        local: Local,
        store: Option<Arc<dyn Store>>,
    ) -> Result<(Ports, Connected)> {
        let Self { reach, membership, guard, notifier, safe } = self;
        let Local { log, runner } = local;
        let logs = logs(log, &reach);
        let way = reach.way(&premises.config.cluster)?;
        let bus: Arc<dyn Bus> = match &store {
            Some(store) => {
                let (store, safe, way) = (Arc::clone(store), Arc::clone(&safe), way.clone());
                Arc::new(Courier { bus: reach.bus(), store, safe, way })
            }
            None => reach.bus(),
        };
        let clock = Arc::clone(premises.clock);
        let opener = Arc::new(Opener { runner, way, clock: Arc::clone(&clock) });
        let staying = Arc::new(Staying::over(opener, logs.port(), Arc::clone(&clock)));
        let ports = Ports {
            store,
            bus,
            membership,
            guard,
            log: logs.port(),
            notifier: Arc::clone(&notifier),
            runner: Arc::clone(&staying) as Arc<dyn Runner>,
            spool: open_spool(premises.directory).await?,
            clock,
        };
        Ok((ports, Connected { reach, logs, notifier, safe, staying }))
    }
}

/// How a node reaches others and tells people, and where it has what runs print.
#[derive(Debug)]
pub(in crate::node) struct Connected {
    pub(in crate::node) reach: Reach,
    pub(in crate::node) logs: Logs,
    pub(in crate::node) notifier: Arc<dyn Notifier>,
    /// Opens the secrets of jobs.
    pub(in crate::node) safe: Arc<Safe>,
    /// What this process executes and a successor cannot take.
    pub(in crate::node) staying: Arc<Staying>,
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
