//! The port of alerts: each call becomes one closure on a thread that may block.

use async_trait::async_trait;
use cronbus_core::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Silence, SilenceId,
};
use cronbus_core::audit::Entry;
use cronbus_core::id::{Epoch, NodeName};
use cronbus_core::port::store::{AlertStep, Alerts, Cursor, DeliveryFilter, EventFilter, Page, Result};
use cronbus_core::time::Timestamp;

use super::{SqliteStore, alerts};
use crate::store::rows::to_document;

#[async_trait]
impl Alerts for SqliteStore {
    async fn raise(&self, events: &[Event]) -> Result<()> {
        let events = events.to_vec();
        self.write("note what happened", move |connection| alerts::raise(connection, &events, false)).await
    }

    async fn claim_alerts(&self, owner: &NodeName, at_least: Epoch) -> Result<Epoch> {
        let owner = owner.clone();
        self.write("take the alerts over", move |connection| alerts::claim(connection, &owner, at_least)).await
    }

    async fn new_events(&self, limit: usize) -> Result<Vec<Event>> {
        self.read("read what happened", move |connection| alerts::new_events(connection, limit)).await
    }

    async fn advance_alerts(&self, step: &AlertStep) -> Result<()> {
        let step = step.clone();
        self.write("go on with the alerts", move |connection| alerts::advance(connection, &step)).await
    }

    async fn alert_desks(&self) -> Result<Vec<Desk>> {
        self.read("read what waits for channels", alerts::desks).await
    }

    async fn due_deliveries(&self, now: Timestamp, except: &[ChannelName], limit: usize) -> Result<Vec<Delivery>> {
        let except = except.to_vec();
        self.read("read what is to be delivered", move |connection| alerts::due(connection, now, &except, limit)).await
    }

    async fn incidents(&self, page: &Page<EventId>) -> Result<(Vec<Incident>, Cursor<EventId>)> {
        let page = page.clone();
        self.read("list what is wrong", move |connection| alerts::incidents(connection, &page)).await
    }

    async fn acknowledgements(&self) -> Result<Vec<(EventId, Acknowledgement)>> {
        self.read("read who looks after what", alerts::acknowledgements).await
    }

    async fn acknowledge(&self, incident: EventId, acknowledgement: &Acknowledgement, record: &Entry) -> Result<bool> {
        let (document, record) = (to_document(acknowledgement), record.clone());
        self.write("note who looks after it", move |connection| {
            alerts::acknowledge(connection, incident, &document, &record)
        })
        .await
    }

    async fn alert_events(&self, filter: &EventFilter, page: &Page<EventId>) -> Result<(Vec<Event>, Cursor<EventId>)> {
        let (filter, page) = (*filter, page.clone());
        self.read("list what happened", move |connection| alerts::events(connection, &filter, &page)).await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &Page<MessageId>,
    ) -> Result<(Vec<Delivery>, Cursor<MessageId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.read("list deliveries", move |connection| alerts::deliveries(connection, &filter, &page)).await
    }

    async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>> {
        self.read("read the silences", move |connection| alerts::silences(connection, now)).await
    }

    async fn put_silence(&self, silence: &Silence, record: &Entry) -> Result<()> {
        let (silence, record) = (silence.clone(), record.clone());
        self.write("keep a silence", move |connection| alerts::put_silence(connection, &silence, &record)).await
    }

    async fn silence(&self, id: SilenceId) -> Result<Option<Silence>> {
        self.read("read a silence", move |connection| alerts::silence(connection, id)).await
    }

    async fn prune_alerts(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.write("forget old alerts", move |connection| alerts::prune(connection, before, limit)).await
    }
}
