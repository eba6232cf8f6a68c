//! Alerts, on a plain connection within a transaction of the caller.

use cronbus_core::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Silence, SilenceId,
};
use cronbus_core::audit::Entry;
use cronbus_core::id::{Epoch, NodeName, RunId};
use cronbus_core::port::store::{AlertStep, Cursor, DeliveryFilter, Error, EventFilter, Page};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::queries::{cut, row_count};
use super::{alert_queries, audit};
use crate::store::failure::Failure;
use crate::store::rows::{
    DESK, INCIDENT, NewDelivery, NewEvent, NewSilence, NewState, OWNER, of_acknowledgement, of_alert, of_alerts,
    of_incident,
};
use crate::store::schema::{alert_deliveries, alert_events, alert_silences, alert_states};

/// How many rows one statement names.
const AT_ONCE: usize = 500;

pub(super) fn raise(connection: &mut SqliteConnection, events: &[Event], handled: bool) -> Result<(), Failure> {
    for event in events {
        diesel::insert_or_ignore_into(alert_events::table).values(NewEvent::new(event, handled)).execute(connection)?;
    }
    Ok(())
}

/// Adds the events of all rows but these.
pub(super) fn raise_but(connection: &mut SqliteConnection, events: &[Event], others: &[Run]) -> Result<(), Failure> {
    if events.is_empty() {
        return Ok(());
    }
    let others: std::collections::HashSet<RunId> = others.iter().map(|run| run.id).collect();
    let is_other = |event: &&Event| event.run.is_some_and(|run| others.contains(&run));
    let raised: Vec<Event> = events.iter().filter(|event| !is_other(event)).cloned().collect();
    raise(connection, &raised, false)
}

pub(super) fn claim(connection: &mut SqliteConnection, owner: &NodeName, at_least: Epoch) -> Result<Epoch, Failure> {
    let row = alert_states::table.find(OWNER.as_slice());
    let last: i64 = row.select(alert_states::epoch).first(connection)?;
    let epoch = last.saturating_add(1).max(at_least.0);
    let set = (alert_states::epoch.eq(epoch), alert_states::document.eq(owner.as_str()));
    diesel::update(row).set(set).execute(connection)?;
    Ok(Epoch(epoch))
}

pub(super) fn new_events(connection: &mut SqliteConnection, limit: usize) -> Result<Vec<Event>, Failure> {
    let new = alert_events::table.filter(alert_events::handled.eq(false)).order(alert_events::id);
    let documents = new.select(alert_events::document).limit(row_count(limit)).load(connection)?;
    Ok(of_alerts("alert_events", documents)?)
}

pub(super) fn advance(connection: &mut SqliteConnection, step: &AlertStep) -> Result<(), Failure> {
    let row = alert_states::table.find(OWNER.as_slice()).select(alert_states::epoch);
    let current: i64 = row.first(connection)?;
    if current != step.epoch.0 {
        return Err(Error::Superseded { used: step.epoch, current: Epoch(current) }.into());
    }
    for ids in step.handled.chunks(AT_ONCE) {
        let handled = alert_events::table.filter(alert_events::id.eq_any(keys(ids)));
        diesel::update(handled).set(alert_events::handled.eq(true)).execute(connection)?;
    }
    raise(connection, &step.noticed, true)?;
    for ids in step.over.chunks(AT_ONCE) {
        diesel::delete(alert_states::table.filter(alert_states::id.eq_any(keys(ids)))).execute(connection)?;
    }
    for state in step.incidents.iter().map(NewState::from).chain(step.desks.iter().map(NewState::from)) {
        keep_state(connection, &state)?;
    }
    for delivery in &step.deliveries {
        keep_delivery(connection, delivery)?;
    }
    Ok(())
}

fn keys(ids: &[EventId]) -> Vec<&[u8]> {
    ids.iter().map(|id| id.as_bytes().as_slice()).collect()
}

/// Looking after something is not the alerter's to write.
fn keep_state(connection: &mut SqliteConnection, state: &NewState) -> Result<(), Failure> {
    diesel::insert_or_ignore_into(alert_states::table).values(state).execute(connection)?;
    let row = diesel::update(alert_states::table.find(&state.id));
    row.set(alert_states::document.eq(&state.document)).execute(connection)?;
    Ok(())
}

fn keep_delivery(connection: &mut SqliteConnection, delivery: &Delivery) -> Result<(), Failure> {
    let new = NewDelivery::from(delivery);
    diesel::insert_or_ignore_into(alert_deliveries::table).values(&new).execute(connection)?;
    let set = (
        alert_deliveries::progress.eq(new.progress),
        alert_deliveries::due_at.eq(new.due_at),
        alert_deliveries::document.eq(&new.document),
    );
    diesel::update(alert_deliveries::table.find(&new.id)).set(set).execute(connection)?;
    Ok(())
}

pub(super) fn desks(connection: &mut SqliteConnection) -> Result<Vec<Desk>, Failure> {
    let desks = alert_states::table.filter(alert_states::kind.eq(DESK)).select(alert_states::document);
    Ok(of_alerts("alert_states", desks.load(connection)?)?)
}

pub(super) fn due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    except: &[ChannelName],
    limit: usize,
) -> Result<Vec<Delivery>, Failure> {
    let documents = alert_queries::due(now, except, limit).select(alert_deliveries::document).load(connection)?;
    Ok(of_alerts("alert_deliveries", documents)?)
}

pub(super) fn incidents(
    connection: &mut SqliteConnection,
    page: &Page<EventId>,
) -> Result<(Vec<Incident>, Cursor<EventId>), Failure> {
    let columns = (alert_states::document, alert_states::acknowledgement);
    let rows: Vec<(String, Option<String>)> = alert_queries::incidents_page(page).select(columns).load(connection)?;
    let found: Result<Vec<Incident>, Error> = rows.into_iter().map(of_incident).collect();
    Ok(cut(found?, page.limit, |incident| incident.id))
}

pub(super) fn acknowledgements(connection: &mut SqliteConnection) -> Result<Vec<(EventId, Acknowledgement)>, Failure> {
    let looked_after = alert_states::table.filter(alert_states::acknowledgement.is_not_null());
    let columns = (alert_states::id, alert_states::acknowledgement);
    let rows: Vec<(Vec<u8>, Option<String>)> = looked_after.select(columns).load(connection)?;
    let found: Result<Vec<_>, Error> = rows.into_iter().map(of_acknowledgement).collect();
    Ok(found?)
}

pub(super) fn acknowledge(
    connection: &mut SqliteConnection,
    id: EventId,
    document: &str,
    record: &Entry,
) -> Result<bool, Failure> {
    let row = alert_states::table.filter(alert_states::id.eq(id.as_bytes().as_slice()));
    let row = row.filter(alert_states::kind.eq(INCIDENT));
    let there: Option<Vec<u8>> = row.select(alert_states::id).first(connection).optional()?;
    let open = row.filter(alert_states::acknowledgement.is_null());
    let changed = diesel::update(open).set(alert_states::acknowledgement.eq(document)).execute(connection)?;
    if changed > 0 {
        audit::keep(connection, std::slice::from_ref(record))?;
    }
    Ok(there.is_some())
}

pub(super) fn events(
    connection: &mut SqliteConnection,
    filter: &EventFilter,
    page: &Page<EventId>,
) -> Result<(Vec<Event>, Cursor<EventId>), Failure> {
    let documents = alert_queries::events_page(filter, page).select(alert_events::document).load(connection)?;
    Ok(cut(of_alerts("alert_events", documents)?, page.limit, |event: &Event| event.id))
}

pub(super) fn deliveries(
    connection: &mut SqliteConnection,
    filter: &DeliveryFilter,
    page: &Page<MessageId>,
) -> Result<(Vec<Delivery>, Cursor<MessageId>), Failure> {
    let query = alert_queries::deliveries_page(filter, page).select(alert_deliveries::document);
    let documents = query.load(connection)?;
    Ok(cut(of_alerts("alert_deliveries", documents)?, page.limit, Delivery::id))
}

pub(super) fn silences(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<Silence>, Failure> {
    let open = alert_silences::table.filter(alert_silences::until_at.gt(now.millis())).order(alert_silences::id);
    Ok(of_alerts("alert_silences", open.select(alert_silences::document).load(connection)?)?)
}

pub(super) fn silence(connection: &mut SqliteConnection, id: SilenceId) -> Result<Option<Silence>, Failure> {
    let row = alert_silences::table.find(id.as_bytes().as_slice()).select(alert_silences::document);
    let document: Option<String> = row.first(connection).optional()?;
    Ok(document.map(|document| of_alert("alert_silences", &document)).transpose()?)
}

pub(super) fn put_silence(connection: &mut SqliteConnection, silence: &Silence, record: &Entry) -> Result<(), Failure> {
    let new = NewSilence::from(silence);
    diesel::insert_or_ignore_into(alert_silences::table).values(&new).execute(connection)?;
    let set = (alert_silences::until_at.eq(new.until_at), alert_silences::document.eq(&new.document));
    diesel::update(alert_silences::table.find(&new.id)).set(set).execute(connection)?;
    audit::keep(connection, std::slice::from_ref(record))
}

pub(super) fn prune(connection: &mut SqliteConnection, before: Timestamp, limit: usize) -> Result<usize, Failure> {
    let oldest = alert_queries::before(before);
    let old = alert_events::table.filter(alert_events::id.lt(oldest)).filter(alert_events::handled.eq(true));
    let events: Vec<Vec<u8>> = old.select(alert_events::id).limit(row_count(limit)).load(connection)?;
    let old = alert_deliveries::table.filter(alert_deliveries::created_at.lt(before.millis()));
    let old = old.filter(alert_deliveries::progress.ne(0)).select(alert_deliveries::id).limit(row_count(limit));
    let deliveries: Vec<Vec<u8>> = old.load(connection)?;
    let old = alert_silences::table.filter(alert_silences::until_at.lt(before.millis()));
    let mut count = diesel::delete(old).execute(connection)?;
    for ids in events.chunks(AT_ONCE) {
        count += diesel::delete(alert_events::table.filter(alert_events::id.eq_any(ids))).execute(connection)?;
    }
    for ids in deliveries.chunks(AT_ONCE) {
        let doomed = alert_deliveries::table.filter(alert_deliveries::id.eq_any(ids));
        count += diesel::delete(doomed).execute(connection)?;
    }
    Ok(count)
}
