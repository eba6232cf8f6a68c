//! Alerts, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use cronbus_core::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, Incident, MessageId, Silence, SilenceId,
};
use cronbus_core::audit::Entry;
use cronbus_core::id::{Epoch, NodeName, RunId};
use cronbus_core::port::store::{AlertStep, Cursor, DeliveryFilter, Error, EventFilter, Page};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::queries::{cut, row_count};
use super::{Connection, alert_queries, audit};
use crate::store::failure::Failure;
use crate::store::rows::{
    DESK, INCIDENT, NewDelivery, NewEvent, NewSilence, NewState, OWNER, of_acknowledgement, of_alert, of_alerts,
    of_incident,
};
use crate::store::schema::{alert_deliveries, alert_events, alert_silences, alert_states};

/// How many rows one statement names.
const AT_ONCE: usize = 500;

pub(super) async fn raise(connection: &mut Connection, events: &[Event], handled: bool) -> Result<(), Failure> {
    for events in events.chunks(AT_ONCE) {
        let rows: Vec<NewEvent<'_>> = events.iter().map(|event| NewEvent::new(event, handled)).collect();
        insert_new!(alert_events::table, rows).execute(connection).await?;
    }
    Ok(())
}

/// Adds the events of all rows but these.
pub(super) async fn raise_but(connection: &mut Connection, events: &[Event], others: &[Run]) -> Result<(), Failure> {
    if events.is_empty() {
        return Ok(());
    }
    let others: std::collections::HashSet<RunId> = others.iter().map(|run| run.id).collect();
    let is_other = |event: &&Event| event.run.is_some_and(|run| others.contains(&run));
    let raised: Vec<Event> = events.iter().filter(|event| !is_other(event)).cloned().collect();
    raise(connection, &raised, false).await
}

pub(super) async fn claim(connection: &mut Connection, owner: &NodeName, at_least: Epoch) -> Result<Epoch, Failure> {
    let row = alert_states::table.find(OWNER.as_slice());
    let last: i64 = row.select(alert_states::epoch).for_update().first(connection).await?;
    let epoch = last.saturating_add(1).max(at_least.0);
    let set = (alert_states::epoch.eq(epoch), alert_states::document.eq(owner.as_str()));
    diesel::update(row).set(set).execute(connection).await?;
    Ok(Epoch(epoch))
}

pub(super) async fn new_events(connection: &mut Connection, limit: usize) -> Result<Vec<Event>, Failure> {
    let new = alert_events::table.filter(alert_events::handled.eq(false)).order(alert_events::id);
    let documents = new.select(alert_events::document).limit(row_count(limit)).load(connection).await?;
    Ok(of_alerts("alert_events", documents)?)
}

pub(super) async fn advance(connection: &mut Connection, step: &AlertStep) -> Result<(), Failure> {
    let row = alert_states::table.find(OWNER.as_slice()).select(alert_states::epoch);
    let current: i64 = row.for_update().first(connection).await?;
    if current != step.epoch.0 {
        return Err(Error::Superseded { used: step.epoch, current: Epoch(current) }.into());
    }
    for ids in step.handled.chunks(AT_ONCE) {
        let handled = alert_events::table.filter(alert_events::id.eq_any(keys(ids)));
        diesel::update(handled).set(alert_events::handled.eq(true)).execute(connection).await?;
    }
    raise(connection, &step.noticed, true).await?;
    for ids in step.over.chunks(AT_ONCE) {
        diesel::delete(alert_states::table.filter(alert_states::id.eq_any(keys(ids)))).execute(connection).await?;
    }
    for state in step.incidents.iter().map(NewState::from).chain(step.desks.iter().map(NewState::from)) {
        keep_state(connection, &state).await?;
    }
    for delivery in &step.deliveries {
        keep_delivery(connection, delivery).await?;
    }
    Ok(())
}

fn keys(ids: &[EventId]) -> Vec<&[u8]> {
    ids.iter().map(|id| id.as_bytes().as_slice()).collect()
}

/// Looking after something is not the alerter's to write.
async fn keep_state(connection: &mut Connection, state: &NewState) -> Result<(), Failure> {
    insert_new!(alert_states::table, state).execute(connection).await?;
    let row = diesel::update(alert_states::table.find(&state.id));
    row.set(alert_states::document.eq(&state.document)).execute(connection).await?;
    Ok(())
}

async fn keep_delivery(connection: &mut Connection, delivery: &Delivery) -> Result<(), Failure> {
    let new = NewDelivery::from(delivery);
    insert_new!(alert_deliveries::table, &new).execute(connection).await?;
    let set = (
        alert_deliveries::progress.eq(new.progress),
        alert_deliveries::due_at.eq(new.due_at),
        alert_deliveries::document.eq(&new.document),
    );
    diesel::update(alert_deliveries::table.find(&new.id)).set(set).execute(connection).await?;
    Ok(())
}

pub(super) async fn desks(connection: &mut Connection) -> Result<Vec<Desk>, Failure> {
    let desks = alert_states::table.filter(alert_states::kind.eq(DESK)).select(alert_states::document);
    Ok(of_alerts("alert_states", desks.load(connection).await?)?)
}

pub(super) async fn due(
    connection: &mut Connection,
    now: Timestamp,
    except: &[ChannelName],
    limit: usize,
) -> Result<Vec<Delivery>, Failure> {
    let documents = alert_queries::due(now, except, limit).select(alert_deliveries::document).load(connection).await?;
    Ok(of_alerts("alert_deliveries", documents)?)
}

pub(super) async fn incidents(
    connection: &mut Connection,
    page: &Page<EventId>,
) -> Result<(Vec<Incident>, Cursor<EventId>), Failure> {
    let columns = (alert_states::document, alert_states::acknowledgement);
    let rows: Vec<(String, Option<String>)> =
        alert_queries::incidents_page(page).select(columns).load(connection).await?;
    let found: Result<Vec<Incident>, Error> = rows.into_iter().map(of_incident).collect();
    Ok(cut(found?, page.limit, |incident| incident.id))
}

pub(super) async fn acknowledgements(connection: &mut Connection) -> Result<Vec<(EventId, Acknowledgement)>, Failure> {
    let looked_after = alert_states::table.filter(alert_states::acknowledgement.is_not_null());
    let columns = (alert_states::id, alert_states::acknowledgement);
    let rows: Vec<(Vec<u8>, Option<String>)> = looked_after.select(columns).load(connection).await?;
    let found: Result<Vec<_>, Error> = rows.into_iter().map(of_acknowledgement).collect();
    Ok(found?)
}

pub(super) async fn acknowledge(
    connection: &mut Connection,
    id: EventId,
    document: &str,
    record: &Entry,
) -> Result<bool, Failure> {
    let row = alert_states::table.filter(alert_states::id.eq(id.as_bytes().as_slice()));
    let row = row.filter(alert_states::kind.eq(INCIDENT));
    let there: Option<Vec<u8>> = row.select(alert_states::id).first(connection).await.optional()?;
    let open = row.filter(alert_states::acknowledgement.is_null());
    let changed = diesel::update(open).set(alert_states::acknowledgement.eq(document)).execute(connection).await?;
    if changed > 0 {
        audit::keep(connection, std::slice::from_ref(record)).await?;
    }
    Ok(there.is_some())
}

pub(super) async fn events(
    connection: &mut Connection,
    filter: &EventFilter,
    page: &Page<EventId>,
) -> Result<(Vec<Event>, Cursor<EventId>), Failure> {
    let documents = alert_queries::events_page(filter, page).select(alert_events::document).load(connection).await?;
    Ok(cut(of_alerts("alert_events", documents)?, page.limit, |event: &Event| event.id))
}

pub(super) async fn deliveries(
    connection: &mut Connection,
    filter: &DeliveryFilter,
    page: &Page<MessageId>,
) -> Result<(Vec<Delivery>, Cursor<MessageId>), Failure> {
    let query = alert_queries::deliveries_page(filter, page).select(alert_deliveries::document);
    let documents = query.load(connection).await?;
    Ok(cut(of_alerts("alert_deliveries", documents)?, page.limit, Delivery::id))
}

pub(super) async fn silences(connection: &mut Connection, now: Timestamp) -> Result<Vec<Silence>, Failure> {
    let open = alert_silences::table.filter(alert_silences::until_at.gt(now.millis())).order(alert_silences::id);
    Ok(of_alerts("alert_silences", open.select(alert_silences::document).load(connection).await?)?)
}

pub(super) async fn silence(connection: &mut Connection, id: SilenceId) -> Result<Option<Silence>, Failure> {
    let row = alert_silences::table.find(id.as_bytes().as_slice()).select(alert_silences::document);
    let document: Option<String> = row.first(connection).await.optional()?;
    Ok(document.map(|document| of_alert("alert_silences", &document)).transpose()?)
}

pub(super) async fn put_silence(connection: &mut Connection, silence: &Silence, record: &Entry) -> Result<(), Failure> {
    let new = NewSilence::from(silence);
    insert_new!(alert_silences::table, &new).execute(connection).await?;
    let set = (alert_silences::until_at.eq(new.until_at), alert_silences::document.eq(&new.document));
    diesel::update(alert_silences::table.find(&new.id)).set(set).execute(connection).await?;
    audit::keep(connection, std::slice::from_ref(record)).await
}

pub(super) async fn prune(connection: &mut Connection, before: Timestamp, limit: usize) -> Result<usize, Failure> {
    let oldest = alert_queries::before(before);
    let old = alert_events::table.filter(alert_events::id.lt(oldest)).filter(alert_events::handled.eq(true));
    let events: Vec<Vec<u8>> = old.select(alert_events::id).limit(row_count(limit)).load(connection).await?;
    let old = alert_deliveries::table.filter(alert_deliveries::created_at.lt(before.millis()));
    let old = old.filter(alert_deliveries::progress.ne(0)).select(alert_deliveries::id).limit(row_count(limit));
    let deliveries: Vec<Vec<u8>> = old.load(connection).await?;
    let old = alert_silences::table.filter(alert_silences::until_at.lt(before.millis()));
    let mut count = diesel::delete(old).execute(connection).await?;
    for ids in events.chunks(AT_ONCE) {
        count += diesel::delete(alert_events::table.filter(alert_events::id.eq_any(ids))).execute(connection).await?;
    }
    for ids in deliveries.chunks(AT_ONCE) {
        let doomed = alert_deliveries::table.filter(alert_deliveries::id.eq_any(ids));
        count += diesel::delete(doomed).execute(connection).await?;
    }
    Ok(count)
}
