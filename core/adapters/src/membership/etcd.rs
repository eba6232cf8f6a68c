//! The port: what it tells is read from memory, what it does is done by the keeper.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::id::NodeName;
use cronbus_core::port::health::Service;
use cronbus_core::port::membership::{Availability, Error, Member, Snapshot};
use cronbus_core::port::{Clock, Health, Membership};
use tokio::sync::{mpsc, oneshot, watch};

use super::address::{Address, Options};
use super::keeper::Keeper;
use super::lease::{Lease, now};
use super::shared::{Command, Manner, Shared, unreachable};
use crate::watched::Watched;

/// More requests than this do not wait at a time.
const COMMANDS: usize = 16;

/// A register that cannot be started with.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL.
    #[error("membership.url: `{url}` cannot be used: {reason}")]
    Address {
        /// Without the password.
        url: String,
        /// Why, and what is allowed.
        reason: String,
    },
    /// The server is there and does not let this node in.
    #[error("membership.url: the server of `{url}` refuses this node: {reason}")]
    Refused {
        /// Without the password.
        url: String,
        /// What it said, and what to do.
        reason: String,
    },
    /// No thread could be had.
    #[error("the membership register needs a thread of its own: {0}")]
    Thread(#[from] io::Error),
}

/// The register on etcd. Dropped without [`Membership::leave`], the lease ends by itself.
#[derive(Debug)]
pub struct EtcdMembership {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

impl EtcdMembership {
    /// Connects, and keeps connected from now on, on a thread of its own. A server that does not answer is tried again
    /// until it does.
    ///
    /// # Errors
    /// When the URL cannot be used, or the server is there and refuses this node.
    pub async fn connect(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, ConnectError> {
        let url = options.url.to_string();
        let address = Address::of(options).map_err(|reason| ConnectError::Address { url: url.clone(), reason })?;
        let shared = Arc::new(Shared {
            lease: Lease::default(),
            snapshot: watch::Sender::new(Snapshot::default()),
            watched: Watched::new(Service::Membership, &url, clock),
        });
        let manner = Manner { identity: options.identity.clone(), time_to_live: options.lease };
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (first_try, tried) = oneshot::channel();
        run(Keeper::new(address, manner, Arc::clone(&shared), inbox, first_try))?;
        match tried.await {
            Ok(Err(trouble)) if trouble.is_refusal() => Err(ConnectError::Refused { url, reason: trouble.to_string() }),
            _ => Ok(Self { shared, commands }),
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let gone = || unreachable("the thread that asks it has ended");
        self.commands.send(command(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// The driver lives on the keeper's thread too.
fn run(keeper: Keeper) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new().name("membership".to_owned());
    thread.spawn(move || runtime.block_on(keeper.run()))?;
    Ok(())
}

#[async_trait]
impl Membership for EtcdMembership {
    async fn join(&self, member: Member) -> Result<(), Error> {
        self.ask(|reply| Command::Join(Box::new(member), reply)).await
    }

    async fn leave(&self) -> Result<(), Error> {
        self.ask(Command::Leave).await
    }

    async fn retire(&self) {
        let (reply, answer) = oneshot::channel();
        if self.commands.send(Command::Retire(reply)).await.is_ok() {
            // The keeper ends only after whoever can ask it.
            let _ = answer.await;
        }
    }

    async fn set_state(&self, name: &NodeName, state: Availability) -> Result<bool, Error> {
        self.ask(|reply| Command::SetState(name.clone(), state, reply)).await
    }

    fn snapshot(&self) -> Snapshot {
        self.shared.snapshot.borrow().clone()
    }

    async fn changed(&self, revision: i64) -> Snapshot {
        let mut snapshots = self.shared.snapshot.subscribe();
        let newer = snapshots.wait_for(|snapshot| snapshot.revision > revision).await.map(|newer| newer.clone());
        match newer {
            Ok(snapshot) => snapshot,
            // The sender lives as long as this does.
            Err(_) => std::future::pending().await,
        }
    }

    fn holds_lease(&self) -> bool {
        self.lease().is_some()
    }

    fn lease(&self) -> Option<u64> {
        self.shared.lease.trusted_at(now())
    }

    fn health(&self) -> Health {
        self.shared.watched.health()
    }
}
