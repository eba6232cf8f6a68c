//! Lists of alerts as queries: the same for every backend, executed by each in its own way.
//!
//! This file is compiled once for each backend, which says what `Backend` is.

use cronbus_core::alert::{ChannelName, EventId, MessageId};
use cronbus_core::port::store::{DeliveryFilter, EventFilter, Page};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;

use super::Backend;
use super::queries::row_count;
use crate::store::rows::{INCIDENT, message_key};
use crate::store::schema::{alert_deliveries, alert_events, alert_states};

fn one_more(limit: usize) -> i64 {
    row_count(limit.saturating_add(1))
}

/// A page of events, the newest first.
pub(super) fn events_page(filter: &EventFilter, page: &Page<EventId>) -> alert_events::BoxedQuery<'static, Backend> {
    let mut query = alert_events::table.order(alert_events::id.desc()).limit(one_more(page.limit)).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(alert_events::id.lt(after.as_bytes().to_vec()));
    }
    if let Some(job) = filter.job {
        query = query.filter(alert_events::job.eq(job.0));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(alert_events::kind.eq(kind.as_str()));
    }
    query
}

/// A page of incidents, the newest first.
pub(super) fn incidents_page(page: &Page<EventId>) -> alert_states::BoxedQuery<'static, Backend> {
    let query = alert_states::table.filter(alert_states::kind.eq(INCIDENT)).into_boxed();
    let query = query.order(alert_states::id.desc()).limit(one_more(page.limit));
    match page.after {
        Some(after) => query.filter(alert_states::id.lt(after.as_bytes().to_vec())),
        None => query,
    }
}

/// A page of deliveries, the newest first.
pub(super) fn deliveries_page(
    filter: &DeliveryFilter,
    page: &Page<MessageId>,
) -> alert_deliveries::BoxedQuery<'static, Backend> {
    let query = alert_deliveries::table.order(alert_deliveries::id.desc()).into_boxed();
    let mut query = query.limit(one_more(page.limit));
    if let Some(after) = page.after {
        query = query.filter(alert_deliveries::id.lt(message_key(after)));
    }
    if let Some(channel) = &filter.channel {
        query = query.filter(alert_deliveries::channel.eq(channel.as_str().to_owned()));
    }
    if let Some(progress) = filter.progress {
        query = query.filter(alert_deliveries::progress.eq(i32::from(progress.number())));
    }
    query
}

/// The deliveries to be tried at `now`, those that wait longest first.
pub(super) fn due(
    now: Timestamp,
    except: &[ChannelName],
    limit: usize,
) -> alert_deliveries::BoxedQuery<'static, Backend> {
    let waiting = alert_deliveries::table.filter(alert_deliveries::progress.eq(0)).into_boxed();
    let mut due = waiting.filter(alert_deliveries::due_at.le(now.millis()));
    if !except.is_empty() {
        let except: Vec<String> = except.iter().map(|channel| channel.as_str().to_owned()).collect();
        due = due.filter(alert_deliveries::channel.ne_all(except));
    }
    due.order((alert_deliveries::due_at, alert_deliveries::id)).limit(row_count(limit))
}

/// The smallest key of an event at `at`: keys hold the instant in their first 48 bits.
pub(super) fn before(at: Timestamp) -> Vec<u8> {
    super::queries::lowest_id(at)
}
