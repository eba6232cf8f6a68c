//! Messages between nodes: at least once, in no promised order, so every receiver is idempotent.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;

use super::health::{Health, Service};
use crate::alert::Event;
use crate::id::NodeName;
use crate::wire::Message;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// The executor of a node: assignments.
    Executor(NodeName),
    /// The executor of a node, past everything that waits: kills, acknowledgements.
    Control(NodeName),
    /// The dispatcher of a node: what executors report, what schedulers planned, what others ask for.
    Dispatcher(NodeName),
    /// The scheduler of a node: what dispatchers made durable.
    Scheduler(NodeName),
}

/// Carries messages.
#[async_trait]
pub trait Bus: Send + Sync + Debug {
    /// Hands a message over; when it returns, the message will be delivered to whoever receives at `to` now or later,
    /// at least once. Waits while the receiver is too far behind.
    ///
    /// # Errors
    /// When it cannot be handed over; it may have been delivered all the same.
    async fn publish(&self, to: &Address, message: Message) -> Result<(), Error>;

    /// Receives what is sent to `at`. The newest receiver of an address gets what is sent from then on.
    ///
    /// # Errors
    /// When the bus cannot be reached.
    async fn subscribe(&self, at: &Address) -> Result<Box<dyn Inbox>, Error>;

    /// Tells whoever listens outside of the cluster what happened. Nobody need listen, and what cannot be told now is not
    /// told later: what must arrive is for the channels.
    async fn announce(&self, _event: &Event) {}

    /// How the service behind it is.
    fn health(&self) -> Health {
        Health::local(Service::Bus)
    }

    /// What it did, by name, for people and metrics: counters that only grow. None where messages stay in the process.
    fn counters(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }
}

/// The receiving end of an address.
#[async_trait]
pub trait Inbox: Send + Debug {
    /// The next message; `None` when the bus is closed or another receiver took the address over.
    async fn receive(&mut self) -> Option<Message>;
}

/// The bus did not take a message.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the bus did not take a message: {reason}")]
pub struct Error {
    /// What the driver said.
    pub reason: String,
}

impl Error {
    /// Always: the message is kept by the caller and sent again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        true
    }
}
