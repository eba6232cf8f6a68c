//! Alerts as REST shows them and the command line reads them.

use cronbus_core::alert::{Delivery, Event, Incident, Silence, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is wrong now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AlertView {
    /// Acknowledge it by this.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// What happened last: `failed`, `timed_out`, `killed`, `lost`, `missed`, `rejected`, `late_start`,
    /// `skipped_by_overlap`, `running_long`, `no_success`, `node_lost`, `service_degraded` or `bad_signatures`.
    #[schema(example = "failed")]
    pub(crate) kind: String,
    /// `critical` or `warning`.
    pub(crate) severity: String,
    /// The job, if it is about one.
    pub(crate) job: Option<String>,
    /// The node that it is about, or where the run was.
    pub(crate) node: Option<String>,
    /// The service that does not answer the node.
    pub(crate) service: Option<String>,
    /// When it began.
    #[schema(format = DateTime)]
    pub(crate) since: String,
    /// When it happened last.
    #[schema(format = DateTime)]
    pub(crate) last_at: String,
    /// How often it happened in a row.
    pub(crate) count: u32,
    /// The run that it happened with last.
    pub(crate) run: Option<String>,
    /// Why, for people.
    pub(crate) reason: String,
    /// The channels over which it was told; empty: nobody was told.
    pub(crate) told: Vec<String>,
    /// Who looks after it.
    pub(crate) acknowledged_by: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    pub(crate) acknowledged_at: Option<String>,
    /// In his or her words.
    pub(crate) note: Option<String>,
}

impl From<Incident> for AlertView {
    fn from(incident: Incident) -> Self {
        let last = &incident.last;
        let acknowledgement = incident.acknowledgement.as_ref();
        Self {
            id: incident.id.to_string(),
            kind: last.kind.to_string(),
            severity: last.kind.severity().as_str().to_owned(),
            job: job(&incident.subject),
            node: node(last),
            service: service(&incident.subject),
            since: incident.since.to_string(),
            last_at: last.at.to_string(),
            count: incident.count,
            run: last.run.map(|run| run.to_string()),
            reason: last.reason.clone(),
            told: incident.told.keys().map(ToString::to_string).collect(),
            acknowledged_by: acknowledgement.map(|acknowledgement| acknowledgement.by.clone()),
            acknowledged_at: acknowledgement.map(|acknowledgement| acknowledgement.at.to_string()),
            note: acknowledgement.map(|acknowledgement| acknowledgement.note.clone()),
        }
    }
}

fn job(subject: &Subject) -> Option<String> {
    subject.job().map(|job| job.name.to_string())
}

fn node(event: &Event) -> Option<String> {
    event.node.as_ref().or_else(|| event.subject.node()).map(ToString::to_string)
}

fn service(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Service { service, .. } => Some(service.to_string()),
        _ => None,
    }
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct EventView {
    /// Its id; ids sort by time.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// What happened: as for alerts, or `recovered`, `node_back`, `service_back`.
    #[schema(example = "failed")]
    pub(crate) kind: String,
    /// `critical`, `warning` or `good`.
    pub(crate) severity: String,
    /// When.
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// The job, if it is about one.
    pub(crate) job: Option<String>,
    /// The node that it is about, or where the run was.
    pub(crate) node: Option<String>,
    /// The service, if it is about one.
    pub(crate) service: Option<String>,
    /// With which run.
    pub(crate) run: Option<String>,
    /// Exit code or HTTP status.
    pub(crate) exit_code: Option<i32>,
    /// Why, for people.
    pub(crate) reason: String,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind.to_string(),
            severity: event.kind.severity().as_str().to_owned(),
            at: event.at.to_string(),
            job: job(&event.subject),
            node: node(&event),
            service: service(&event.subject),
            run: event.run.map(|run| run.to_string()),
            exit_code: event.exit_code,
            reason: event.reason,
        }
    }
}

/// A message on its way over a channel, or one that has arrived.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// The message's; the same each time it is sent again.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// Over which channel.
    pub(crate) channel: String,
    /// `waiting`, `delivered`, `refused` or `gave_up`.
    pub(crate) progress: String,
    /// What is told.
    pub(crate) title: String,
    /// How many events it stands for.
    pub(crate) grouped: u32,
    /// The alert that it is about: its failure and its recovery have the same.
    #[schema(format = "uuid")]
    pub(crate) thread: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// When it is tried next; of one that is over, when it would have been.
    #[schema(format = DateTime)]
    pub(crate) due_at: String,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// What the other end said last.
    pub(crate) detail: String,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id().to_string(),
            channel: delivery.channel.to_string(),
            progress: delivery.progress.as_str().to_owned(),
            title: delivery.message.title.clone(),
            grouped: delivery.message.grouped,
            thread: delivery.message.thread.to_string(),
            created_at: delivery.created_at.to_string(),
            due_at: delivery.due_at.to_string(),
            tries: delivery.tries,
            detail: delivery.detail,
        }
    }
}

/// What nobody wants to hear of for a while.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SilenceView {
    /// End it by this.
    #[schema(format = "uuid")]
    pub(crate) id: String,
    /// Jobs with a name of this pattern.
    pub(crate) job: Option<String>,
    /// Jobs whose target is this group.
    pub(crate) group: Option<String>,
    /// Nodes with a name of this pattern, and their services.
    pub(crate) node: Option<String>,
    /// Events of this kind.
    pub(crate) kind: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    pub(crate) since: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub(crate) until: String,
    /// Who wants it.
    pub(crate) by: String,
    /// Why.
    pub(crate) why: String,
}

impl From<Silence> for SilenceView {
    fn from(silence: Silence) -> Self {
        let matcher = silence.matcher;
        Self {
            id: silence.id.to_string(),
            job: matcher.job.map(|pattern| pattern.to_string()),
            group: matcher.group,
            node: matcher.node.map(|pattern| pattern.to_string()),
            kind: matcher.kind.map(|kind| kind.to_string()),
            since: silence.since.to_string(),
            until: silence.until.to_string(),
            by: silence.by,
            why: silence.why,
        }
    }
}

/// Part of a list of what is wrong now.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct AlertListing {
    items: Vec<AlertView>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    next: Option<String>,
}

/// Part of a list of what happened.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct EventListing {
    items: Vec<EventView>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    next: Option<String>,
}

/// Part of a list of messages.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct DeliveryListing {
    items: Vec<DeliveryView>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    next: Option<String>,
}

/// The silences in force.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described, never made")]
pub(crate) struct SilenceListing {
    items: Vec<SilenceView>,
    /// Always null: there is one page.
    next: Option<String>,
}
