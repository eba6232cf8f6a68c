//! The store's alerts, slow and refusing as the rest of it. Nobody is told of anything here: rules are empty.

use async_trait::async_trait;
use cronbus_core::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Silence, SilenceId,
};
use cronbus_core::audit::Entry;
use cronbus_core::id::{Epoch, NodeName};
use cronbus_core::port::store::{AlertStep, Alerts, Cursor, DeliveryFilter, EventFilter, Page, Result};
use cronbus_core::time::Timestamp;

use super::store::Frail;

#[async_trait]
impl Alerts for Frail {
    async fn raise(&self, events: &[Event]) -> Result<()> {
        self.look().await?;
        self.ledger().store.raise(events).await
    }

    async fn claim_alerts(&self, owner: &NodeName, at_least: Epoch) -> Result<Epoch> {
        self.look().await?;
        self.ledger().store.claim_alerts(owner, at_least).await
    }

    async fn new_events(&self, limit: usize) -> Result<Vec<Event>> {
        self.look().await?;
        self.ledger().store.new_events(limit).await
    }

    async fn advance_alerts(&self, step: &AlertStep) -> Result<()> {
        self.look().await?;
        self.ledger().store.advance_alerts(step).await
    }

    async fn alert_desks(&self) -> Result<Vec<Desk>> {
        self.look().await?;
        self.ledger().store.alert_desks().await
    }

    async fn due_deliveries(&self, now: Timestamp, except: &[ChannelName], limit: usize) -> Result<Vec<Delivery>> {
        self.look().await?;
        self.ledger().store.due_deliveries(now, except, limit).await
    }

    async fn incidents(&self, page: &Page<EventId>) -> Result<(Vec<Incident>, Cursor<EventId>)> {
        self.look().await?;
        self.ledger().store.incidents(page).await
    }

    async fn acknowledgements(&self) -> Result<Vec<(EventId, Acknowledgement)>> {
        self.look().await?;
        self.ledger().store.acknowledgements().await
    }

    async fn acknowledge(&self, incident: EventId, acknowledgement: &Acknowledgement, record: &Entry) -> Result<bool> {
        self.look().await?;
        self.ledger().store.acknowledge(incident, acknowledgement, record).await
    }

    async fn alert_events(&self, filter: &EventFilter, page: &Page<EventId>) -> Result<(Vec<Event>, Cursor<EventId>)> {
        self.look().await?;
        self.ledger().store.alert_events(filter, page).await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &Page<MessageId>,
    ) -> Result<(Vec<Delivery>, Cursor<MessageId>)> {
        self.look().await?;
        self.ledger().store.deliveries(filter, page).await
    }

    async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>> {
        self.look().await?;
        self.ledger().store.silences(now).await
    }

    async fn put_silence(&self, silence: &Silence, record: &Entry) -> Result<()> {
        self.look().await?;
        self.ledger().store.put_silence(silence, record).await
    }

    async fn silence(&self, id: SilenceId) -> Result<Option<Silence>> {
        self.look().await?;
        self.ledger().store.silence(id).await
    }

    async fn prune_alerts(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.look().await?;
        self.ledger().store.prune_alerts(before, limit).await
    }
}
