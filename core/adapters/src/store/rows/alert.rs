//! Rows of the tables of alerts: a key, what is looked for by, and the rest as a document.

use cronbus_core::alert::{Acknowledgement, Delivery, Desk, Event, EventId, Incident, MessageId, Silence};
use cronbus_core::port::store::Error;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::job::to_document;
use crate::store::schema::{alert_deliveries, alert_events, alert_silences, alert_states};

/// The key of the row that says who is the alerter.
pub(in crate::store) const OWNER: [u8; 16] = [0; 16];

/// What `alert_states.kind` says of an incident.
pub(in crate::store) const INCIDENT: &str = "incident";

/// What `alert_states.kind` says of a desk.
pub(in crate::store) const DESK: &str = "desk";

/// A row of `alert_events` as it is written.
#[derive(Insertable)]
#[diesel(table_name = alert_events, treat_none_as_default_value = false)]
pub(in crate::store) struct NewEvent<'e> {
    id: &'e [u8],
    kind: &'static str,
    job: Option<i64>,
    handled: bool,
    document: String,
}

impl<'e> NewEvent<'e> {
    pub(in crate::store) fn new(event: &'e Event, handled: bool) -> Self {
        Self {
            id: event.id.as_bytes(),
            kind: event.kind.as_str(),
            job: event.subject.job().map(|job| job.id.0),
            handled,
            document: to_document(event),
        }
    }
}

/// A row of `alert_states` as it is written.
#[derive(Insertable)]
#[diesel(table_name = alert_states)]
pub(in crate::store) struct NewState {
    pub(in crate::store) id: Vec<u8>,
    kind: &'static str,
    pub(in crate::store) document: String,
}

impl From<&Incident> for NewState {
    fn from(incident: &Incident) -> Self {
        Self { id: incident.id.as_bytes().to_vec(), kind: INCIDENT, document: to_document(incident) }
    }
}

impl From<&Desk> for NewState {
    fn from(desk: &Desk) -> Self {
        Self { id: desk.key().to_vec(), kind: DESK, document: to_document(desk) }
    }
}

/// A row of `alert_deliveries` as it is written.
#[derive(Insertable)]
#[diesel(table_name = alert_deliveries)]
pub(in crate::store) struct NewDelivery<'d> {
    pub(in crate::store) id: Vec<u8>,
    channel: &'d str,
    pub(in crate::store) progress: i32,
    created_at: i64,
    pub(in crate::store) due_at: i64,
    pub(in crate::store) document: String,
}

impl<'d> From<&'d Delivery> for NewDelivery<'d> {
    fn from(delivery: &'d Delivery) -> Self {
        Self {
            id: message_key(delivery.id()),
            channel: delivery.channel.as_str(),
            progress: delivery.progress.number().into(),
            created_at: delivery.created_at.millis(),
            due_at: delivery.due_at.millis(),
            document: to_document(delivery),
        }
    }
}

/// A message's id as a key.
pub(in crate::store) fn message_key(id: MessageId) -> Vec<u8> {
    id.0.as_bytes().to_vec()
}

/// A row of `alert_silences` as it is written.
#[derive(Insertable)]
#[diesel(table_name = alert_silences)]
pub(in crate::store) struct NewSilence {
    pub(in crate::store) id: Vec<u8>,
    pub(in crate::store) until_at: i64,
    pub(in crate::store) document: String,
}

impl From<&Silence> for NewSilence {
    fn from(silence: &Silence) -> Self {
        Self { id: silence.id.as_bytes().to_vec(), until_at: silence.until.millis(), document: to_document(silence) }
    }
}

/// What a document of a table says.
pub(in crate::store) fn of_alert<T: DeserializeOwned>(table: &'static str, document: &str) -> Result<T, Error> {
    serde_json::from_str(document).map_err(|error| Error::Damaged { what: format!("{table}: {error}") })
}

/// What all documents of a table say.
pub(in crate::store) fn of_alerts<T: DeserializeOwned>(
    table: &'static str,
    documents: Vec<String>,
) -> Result<Vec<T>, Error> {
    documents.iter().map(|document| of_alert(table, document)).collect()
}

/// An incident and who looks after it.
pub(in crate::store) fn of_incident((document, acknowledgement): (String, Option<String>)) -> Result<Incident, Error> {
    let acknowledgement = acknowledgement.map(|text| of_alert("alert_states", &text)).transpose()?;
    Ok(Incident { acknowledgement, ..of_alert("alert_states", &document)? })
}

/// Who looks after which incident.
pub(in crate::store) fn of_acknowledgement(
    (id, text): (Vec<u8>, Option<String>),
) -> Result<(EventId, Acknowledgement), Error> {
    let key: [u8; 16] =
        id.try_into().map_err(|_| Error::Damaged { what: "alert_states.id: not 16 bytes".to_owned() })?;
    Ok((EventId::from_bytes(key), of_alert("alert_states", &text.unwrap_or_default())?))
}
