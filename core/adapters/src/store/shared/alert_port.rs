//! The port of alerts: each call becomes one task on the store's own thread.
//!
//! This file is compiled once for each backend.

use async_trait::async_trait;
use cronbus_core::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Silence, SilenceId,
};
use cronbus_core::audit::Entry;
use cronbus_core::id::{Epoch, NodeName};
use cronbus_core::port::store::{AlertStep, Alerts, Cursor, DeliveryFilter, EventFilter, Page, Result};
use cronbus_core::time::Timestamp;

use super::alerts;
use super::handle::ServerStore;
use super::transaction::{Lease, Transaction};
use crate::store::rows::to_document;

#[async_trait]
impl Alerts for ServerStore {
    async fn raise(&self, events: &[Event]) -> Result<()> {
        let events = events.to_vec();
        self.perform("note what happened", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::raise(transaction.connection()?, &events, false).await;
            transaction.end(done).await
        })
        .await
    }

    async fn claim_alerts(&self, owner: &NodeName, at_least: Epoch) -> Result<Epoch> {
        let owner = owner.clone();
        self.perform("take the alerts over", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::claim(transaction.connection()?, &owner, at_least).await;
            transaction.end(done).await
        })
        .await
    }

    async fn new_events(&self, limit: usize) -> Result<Vec<Event>> {
        self.perform("read what happened", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::new_events(lease.connection()?, limit).await;
            lease.after(done)
        })
        .await
    }

    async fn advance_alerts(&self, step: &AlertStep) -> Result<()> {
        let step = step.clone();
        self.perform("go on with the alerts", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::advance(transaction.connection()?, &step).await;
            transaction.end(done).await
        })
        .await
    }

    async fn alert_desks(&self) -> Result<Vec<Desk>> {
        self.perform("read what waits for channels", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::desks(lease.connection()?).await;
            lease.after(done)
        })
        .await
    }

    async fn due_deliveries(&self, now: Timestamp, except: &[ChannelName], limit: usize) -> Result<Vec<Delivery>> {
        let except = except.to_vec();
        self.perform("read what is to be delivered", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::due(lease.connection()?, now, &except, limit).await;
            lease.after(done)
        })
        .await
    }

    async fn incidents(&self, page: &Page<EventId>) -> Result<(Vec<Incident>, Cursor<EventId>)> {
        let page = page.clone();
        self.perform("list what is wrong", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::incidents(lease.connection()?, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn acknowledgements(&self) -> Result<Vec<(EventId, Acknowledgement)>> {
        self.perform("read who looks after what", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::acknowledgements(lease.connection()?).await;
            lease.after(done)
        })
        .await
    }

    async fn acknowledge(&self, incident: EventId, acknowledgement: &Acknowledgement, record: &Entry) -> Result<bool> {
        let (document, record) = (to_document(acknowledgement), record.clone());
        self.perform("note who looks after it", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::acknowledge(transaction.connection()?, incident, &document, &record).await;
            transaction.end(done).await
        })
        .await
    }

    async fn alert_events(&self, filter: &EventFilter, page: &Page<EventId>) -> Result<(Vec<Event>, Cursor<EventId>)> {
        let (filter, page) = (*filter, page.clone());
        self.perform("list what happened", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::events(lease.connection()?, &filter, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &Page<MessageId>,
    ) -> Result<(Vec<Delivery>, Cursor<MessageId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.perform("list deliveries", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::deliveries(lease.connection()?, &filter, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>> {
        self.perform("read the silences", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::silences(lease.connection()?, now).await;
            lease.after(done)
        })
        .await
    }

    async fn put_silence(&self, silence: &Silence, record: &Entry) -> Result<()> {
        let (silence, record) = (silence.clone(), record.clone());
        self.perform("keep a silence", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::put_silence(transaction.connection()?, &silence, &record).await;
            transaction.end(done).await
        })
        .await
    }

    async fn silence(&self, id: SilenceId) -> Result<Option<Silence>> {
        self.perform("read a silence", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = alerts::silence(lease.connection()?, id).await;
            lease.after(done)
        })
        .await
    }

    async fn prune_alerts(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.perform("forget old alerts", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = alerts::prune(transaction.connection()?, before, limit).await;
            transaction.end(done).await
        })
        .await
    }
}
