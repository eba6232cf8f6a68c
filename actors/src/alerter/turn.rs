//! One turn of the alerter: what happened, what follows, made durable whole; then told to whoever listens on the bus.

use cronbus_core::alert::{Changes, Delivery, Event, Silence};
use cronbus_core::port::store::{AlertStep, Result};
use cronbus_core::time::Timestamp;

use super::actor::Mind;
use super::leading::Lead;

/// How many events are dealt with in one step.
const AT_A_TIME: usize = 500;

impl Mind {
    /// Deals with what happened since the last turn.
    pub(super) async fn turn(&self) -> Result<()> {
        loop {
            let store = &self.setup.store;
            let events = store.new_events(AT_A_TIME).await?;
            let more = events.len() == AT_A_TIME;
            let noticed = self.noticed(&events).await?;
            let silences = store.silences(self.now()).await?;
            self.hear_of_acknowledgements().await?;
            let Some(step) = self.step(&events, &noticed, &silences) else { return Ok(()) };
            if !step.is_empty() {
                store.advance_alerts(&step).await?;
                self.settled(&step, &events, &noticed).await;
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// What follows from what happened before it is told: a success between two failures ends what was before. What is
    /// looked for from time to time comes with it.
    async fn noticed(&self, events: &[Event]) -> Result<Vec<Event>> {
        let mut noticed = self.recoveries_before(events).await?;
        let now = self.now();
        let is_due = self.lead.borrow_mut().as_mut().is_some_and(|lead| {
            let is_due = lead.next_look <= now || lead.next_look > now + self.setup.settings.look_every;
            if is_due {
                lead.next_look = now + self.setup.settings.look_every;
            }
            is_due
        });
        if is_due {
            noticed.extend(self.look(now).await?);
            self.forget_old(now).await?;
        }
        let lead = self.lead.borrow();
        noticed.retain(|event| lead.as_ref().is_some_and(|lead| !lead.engine.is_known(event.id)));
        noticed.sort_by_key(|event| event.id);
        noticed.dedup_by_key(|event| event.id);
        Ok(noticed)
    }

    async fn hear_of_acknowledgements(&self) -> Result<()> {
        let has_incidents = self.lead.borrow().as_ref().is_some_and(|lead| lead.engine.incidents().next().is_some());
        if !has_incidents {
            return Ok(());
        }
        let all = self.setup.store.acknowledgements().await?;
        if let Some(lead) = self.lead.borrow_mut().as_mut() {
            for (incident, acknowledgement) in &all {
                lead.engine.acknowledged(*incident, acknowledgement);
            }
        }
        Ok(())
    }

    fn step(&self, events: &[Event], noticed: &[Event], silences: &[Silence]) -> Option<AlertStep> {
        let now = self.now();
        let mut lead = self.lead.borrow_mut();
        let Lead { epoch, engine, .. } = lead.as_mut()?;
        // In the order in which it happened: a recovery that was noticed comes before the failure that followed it.
        let mut all: Vec<&Event> = events.iter().chain(noticed).collect();
        all.sort_by_key(|event| event.id);
        for event in all {
            engine.handle(event, silences, now);
        }
        engine.tick(silences, now);
        let changes = engine.take_changes();
        let figures = &self.setup.figures;
        figures.incidents.set(i64::try_from(engine.incidents().count()).unwrap_or(i64::MAX));
        figures.held.set(i64::from(engine.waiting()));
        Some(step_of(*epoch, events, noticed, changes, now))
    }

    async fn settled(&self, step: &AlertStep, events: &[Event], noticed: &[Event]) {
        let figures = &self.setup.figures;
        figures.events.add(events.len() + noticed.len());
        let now = self.now();
        let age = events.iter().map(|event| now.since(event.at)).max().unwrap_or_default();
        figures.backlog_age_ms.set(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        if !step.deliveries.is_empty() {
            self.deliver.nudge();
        }
        for event in events.iter().chain(noticed) {
            self.setup.ports.bus.announce(event).await;
        }
    }
}

fn step_of(
    epoch: cronbus_core::id::Epoch,
    events: &[Event],
    noticed: &[Event],
    changes: Changes,
    now: Timestamp,
) -> AlertStep {
    let Changes { kept, over, desks, messages } = changes;
    AlertStep {
        epoch,
        handled: events.iter().map(|event| event.id).collect(),
        noticed: noticed.to_vec(),
        incidents: kept,
        over,
        desks,
        deliveries: messages.into_iter().map(|(channel, message)| Delivery::new(channel, message, now)).collect(),
    }
}
