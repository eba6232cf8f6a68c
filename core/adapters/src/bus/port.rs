//! The bus as the port that the actors know. What takes time is done on the thread of the connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::alert::Event;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::{Address, Error, Inbox};
use cronbus_core::port::health::Health;
use cronbus_core::wire::{Message, subject};
use tokio::task::JoinError;

use super::connect::NatsBus;

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, to: &Address, message: Message) -> Result<(), Error> {
        let sending = Arc::clone(&self.shared).send(to.clone(), message);
        self.shared.handle.spawn(sending).await.map_err(ended)?
    }

    async fn subscribe(&self, at: &Address) -> Result<Box<dyn Inbox>, Error> {
        let receiving = Arc::clone(&self.shared).receive(at.clone());
        Ok(Box::new(self.shared.handle.spawn(receiving).await.map_err(ended)??))
    }

    async fn announce(&self, event: &Event) {
        let Ok(content) = serde_json::to_vec(event) else { return };
        let (client, subject) = (self.shared.client.clone(), subject::event_of(event.kind));
        let telling = async move { client.publish(subject, content.into()).await };
        match self.shared.handle.spawn(telling).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "an event is not told over the bus"),
            Err(error) => tracing::debug!(%error, "an event is not told over the bus"),
        }
    }

    fn health(&self) -> Health {
        self.shared.watched.health()
    }

    fn counters(&self) -> BTreeMap<String, u64> {
        self.shared.counters.by_name()
    }
}

impl NatsBus {
    /// Hears nothing any more: what comes from now on is for whoever else listens in this node's name. What was said is
    /// sent, and nothing can be said afterwards.
    pub async fn retire(&self) {
        let client = self.shared.client.clone();
        let drained = self.shared.handle.spawn(async move { client.drain().await }).await;
        if !matches!(drained, Ok(Ok(()))) {
            tracing::warn!(?drained, "the connection to NATS could not be ended in order");
        }
    }
}

fn ended(error: JoinError) -> Error {
    Error { reason: format!("the bus is closed: {error}") }
}
