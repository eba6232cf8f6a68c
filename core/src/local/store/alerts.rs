//! Alerts in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::handle::MemoryStore;
use crate::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Progress, Silence, SilenceId,
};
use crate::audit::Entry;
use crate::id::{Epoch, NodeName};
use crate::port::store::{AlertStep, Alerts, Cursor, DeliveryFilter, Error, EventFilter, Page, Result};
use crate::run::Run;
use crate::time::Timestamp;

/// What is to be told, what is wrong, what is on its way.
#[derive(Debug, Default)]
pub(super) struct AlertTables {
    epoch: Epoch,
    /// Every event that is kept, and whether it is dealt with.
    events: BTreeMap<EventId, (Event, bool)>,
    incidents: BTreeMap<EventId, Incident>,
    desks: BTreeMap<ChannelName, Desk>,
    deliveries: BTreeMap<MessageId, Delivery>,
    silences: BTreeMap<SilenceId, Silence>,
}

impl AlertTables {
    fn raise(&mut self, events: &[Event], handled: bool) {
        for event in events {
            self.events.entry(event.id).or_insert_with(|| (event.clone(), handled));
        }
    }

    /// Adds the events of all rows but these.
    pub(super) fn raise_but(&mut self, events: &[Event], others: &[Run]) {
        let is_other = |event: &&Event| others.iter().any(|run| event.run == Some(run.id));
        let raised: Vec<Event> = events.iter().filter(|event| !is_other(event)).cloned().collect();
        self.raise(&raised, false);
    }

    fn advance(&mut self, step: &AlertStep) -> Result<()> {
        if step.epoch != self.epoch {
            return Err(Error::Superseded { used: step.epoch, current: self.epoch });
        }
        for id in &step.handled {
            if let Some((_, handled)) = self.events.get_mut(id) {
                *handled = true;
            }
        }
        self.raise(&step.noticed, true);
        for id in &step.over {
            self.incidents.remove(id);
        }
        for incident in &step.incidents {
            let before = self.incidents.get(&incident.id).and_then(|incident| incident.acknowledgement.clone());
            self.incidents.insert(incident.id, Incident { acknowledgement: before, ..incident.clone() });
        }
        self.desks.extend(step.desks.iter().map(|desk| (desk.channel.clone(), desk.clone())));
        self.deliveries.extend(step.deliveries.iter().map(|delivery| (delivery.id(), delivery.clone())));
        Ok(())
    }

    fn prune(&mut self, before: Timestamp, limit: usize) -> usize {
        let old = |(_, (event, handled)): &(&EventId, &(Event, bool))| *handled && event.at < before;
        let events: Vec<EventId> = self.events.iter().filter(old).map(|(id, _)| *id).take(limit).collect();
        let is_over = |delivery: &&Delivery| delivery.progress != Progress::Waiting && delivery.created_at < before;
        let deliveries: Vec<MessageId> =
            self.deliveries.values().filter(is_over).map(Delivery::id).take(limit).collect();
        let silences: Vec<SilenceId> = self
            .silences
            .values()
            .filter(|silence| silence.until < before)
            .map(|silence| silence.id)
            .take(limit)
            .collect();
        self.events.retain(|id, _| !events.contains(id));
        self.deliveries.retain(|id, _| !deliveries.contains(id));
        self.silences.retain(|id, _| !silences.contains(id));
        events.len() + deliveries.len() + silences.len()
    }
}

/// A page of what comes before `after`, the newest first.
fn page<K: Ord + Copy, V: Clone>(
    rows: &BTreeMap<K, V>,
    page: &Page<K>,
    fits: impl Fn(&V) -> bool,
) -> (Vec<V>, Cursor<K>) {
    let older = (Bound::Unbounded, page.after.map_or(Bound::Unbounded, Bound::Excluded));
    let fitting = rows.range(older).rev().filter(|(_, row)| fits(row));
    let mut found: Vec<(K, V)> =
        fitting.take(page.limit.saturating_add(1)).map(|(key, row)| (*key, row.clone())).collect();
    let more = found.len() > page.limit;
    found.truncate(page.limit);
    let cursor = found.last().filter(|_| more).map(|(key, _)| *key);
    (found.into_iter().map(|(_, row)| row).collect(), cursor)
}

#[async_trait]
impl Alerts for MemoryStore {
    async fn raise(&self, events: &[Event]) -> Result<()> {
        self.tables().alerts.raise(events, false);
        Ok(())
    }

    async fn claim_alerts(&self, _: &NodeName, at_least: Epoch) -> Result<Epoch> {
        let epoch = &mut self.tables().alerts.epoch;
        *epoch = Epoch(epoch.0.saturating_add(1)).max(at_least);
        Ok(*epoch)
    }

    async fn new_events(&self, limit: usize) -> Result<Vec<Event>> {
        let tables = self.tables();
        let new = tables.alerts.events.values().filter(|(_, handled)| !handled);
        Ok(new.map(|(event, _)| event.clone()).take(limit).collect())
    }

    async fn advance_alerts(&self, step: &AlertStep) -> Result<()> {
        self.tables().alerts.advance(step)
    }

    async fn alert_desks(&self) -> Result<Vec<Desk>> {
        Ok(self.tables().alerts.desks.values().cloned().collect())
    }

    async fn due_deliveries(&self, now: Timestamp, except: &[ChannelName], limit: usize) -> Result<Vec<Delivery>> {
        let tables = self.tables();
        let is_due = |delivery: &&Delivery| {
            delivery.progress == Progress::Waiting && delivery.due_at <= now && !except.contains(&delivery.channel)
        };
        let mut due: Vec<Delivery> = tables.alerts.deliveries.values().filter(is_due).cloned().collect();
        due.sort_by_key(|delivery| (delivery.due_at, delivery.id()));
        due.truncate(limit);
        Ok(due)
    }

    async fn incidents(&self, sought: &Page<EventId>) -> Result<(Vec<Incident>, Cursor<EventId>)> {
        Ok(page(&self.tables().alerts.incidents, sought, |_| true))
    }

    async fn acknowledgements(&self) -> Result<Vec<(EventId, Acknowledgement)>> {
        let tables = self.tables();
        let all = tables.alerts.incidents.values();
        Ok(all.filter_map(|incident| Some((incident.id, incident.acknowledgement.clone()?))).collect())
    }

    async fn acknowledge(&self, incident: EventId, acknowledgement: &Acknowledgement, record: &Entry) -> Result<bool> {
        let mut tables = self.tables();
        let Some(incident) = tables.alerts.incidents.get_mut(&incident) else { return Ok(false) };
        if incident.acknowledgement.is_none() {
            incident.acknowledgement = Some(acknowledgement.clone());
            tables.keep(record.clone());
        }
        Ok(true)
    }

    async fn alert_events(
        &self,
        filter: &EventFilter,
        sought: &Page<EventId>,
    ) -> Result<(Vec<Event>, Cursor<EventId>)> {
        let fits = |(event, _): &(Event, bool)| {
            filter.job.is_none_or(|id| event.subject.job().is_some_and(|job| job.id == id))
                && filter.kind.is_none_or(|kind| kind == event.kind)
        };
        let (rows, cursor) = page(&self.tables().alerts.events, sought, fits);
        Ok((rows.into_iter().map(|(event, _)| event).collect(), cursor))
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        sought: &Page<MessageId>,
    ) -> Result<(Vec<Delivery>, Cursor<MessageId>)> {
        let fits = |delivery: &Delivery| {
            filter.channel.as_ref().is_none_or(|channel| *channel == delivery.channel)
                && filter.progress.is_none_or(|progress| progress == delivery.progress)
        };
        Ok(page(&self.tables().alerts.deliveries, sought, fits))
    }

    async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>> {
        Ok(self.tables().alerts.silences.values().filter(|silence| silence.until > now).cloned().collect())
    }

    async fn put_silence(&self, silence: &Silence, record: &Entry) -> Result<()> {
        let mut tables = self.tables();
        tables.alerts.silences.insert(silence.id, silence.clone());
        tables.keep(record.clone());
        Ok(())
    }

    async fn silence(&self, id: SilenceId) -> Result<Option<Silence>> {
        Ok(self.tables().alerts.silences.get(&id).cloned())
    }

    async fn prune_alerts(&self, before: Timestamp, limit: usize) -> Result<usize> {
        Ok(self.tables().alerts.prune(before, limit))
    }
}
