//! What is to be told, what is wrong, and what is on its way to people.
//!
//! ```text
//!   dispatchers ──(with the outcome)──▶ events ──▶ the alerter: one node at a time, by its epoch
//!                                                    │ one transaction
//!                                                    ▼
//!                        event handled, incidents, desks, deliveries ──▶ sent, then marked so
//! ```

use std::fmt::Debug;

use async_trait::async_trait;

use super::error::Result;
use super::history::{Cursor, Page};
use crate::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, EventKind, Incident, MessageId, Progress, Silence,
    SilenceId,
};
use crate::audit::Entry;
use crate::id::{Epoch, JobId, NodeName};
use crate::time::Timestamp;

/// One step of the alerter, made durable whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertStep {
    /// Under which it acts: refused unless it is the one in force.
    pub epoch: Epoch,
    /// The events that are dealt with.
    pub handled: Vec<EventId>,
    /// Events that the alerter noticed itself and has dealt with; those that are there stay as they are.
    pub noticed: Vec<Event>,
    /// Incidents as they shall be. Who looks after them is left as it is.
    pub incidents: Vec<Incident>,
    /// Incidents that are over.
    pub over: Vec<EventId>,
    /// Desks as they shall be.
    pub desks: Vec<Desk>,
    /// Deliveries as they shall be.
    pub deliveries: Vec<Delivery>,
}

impl AlertStep {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { epoch: self.epoch, ..Self::default() }
    }
}

/// Which events. What is absent does not restrict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this job.
    pub job: Option<JobId>,
    /// Of this kind.
    pub kind: Option<EventKind>,
}

/// Which deliveries. What is absent does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Over this channel.
    pub channel: Option<ChannelName>,
    /// That have come so far.
    pub progress: Option<Progress>,
}

/// Events, incidents, deliveries, silences.
#[async_trait]
pub trait Alerts: Send + Sync + Debug {
    /// Adds events that no run's outcome brings with it. Those that are there stay as they are.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn raise(&self, events: &[Event]) -> Result<()>;

    /// Makes `owner` the alerter, under an epoch larger than the last and no smaller than `at_least`.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn claim_alerts(&self, owner: &NodeName, at_least: Epoch) -> Result<Epoch>;

    /// The events that are not dealt with, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn new_events(&self, limit: usize) -> Result<Vec<Event>>;

    /// Makes one step of the alerter, in one transaction.
    ///
    /// # Errors
    /// `Superseded` when another node is the alerter: nothing was written. `Unavailable`.
    async fn advance_alerts(&self, step: &AlertStep) -> Result<()>;

    /// Every desk.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn alert_desks(&self) -> Result<Vec<Desk>>;

    /// The deliveries to be tried at `now`, but for those over the channels of `except`, those that wait longest first, at
    /// most `limit`.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn due_deliveries(&self, now: Timestamp, except: &[ChannelName], limit: usize) -> Result<Vec<Delivery>>;

    /// What is wrong, the newest first, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn incidents(&self, page: &Page<EventId>) -> Result<(Vec<Incident>, Cursor<EventId>)>;

    /// The incidents that somebody looks after.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn acknowledgements(&self) -> Result<Vec<(EventId, Acknowledgement)>>;

    /// Somebody looks after an incident; the first who says so stands, and `record` is kept of him alone. False when there
    /// is no such incident.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn acknowledge(&self, incident: EventId, acknowledgement: &Acknowledgement, record: &Entry) -> Result<bool>;

    /// What happened, the newest first, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn alert_events(&self, filter: &EventFilter, page: &Page<EventId>) -> Result<(Vec<Event>, Cursor<EventId>)>;

    /// What was told or is to be told, the newest first, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &Page<MessageId>,
    ) -> Result<(Vec<Delivery>, Cursor<MessageId>)>;

    /// The silences that end after `now`, the oldest first.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn silences(&self, now: Timestamp) -> Result<Vec<Silence>>;

    /// Adds a silence, or gives the one with its id another end, and keeps `record` of it.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn put_silence(&self, silence: &Silence, record: &Entry) -> Result<()>;

    /// One silence, over or not.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn silence(&self, id: SilenceId) -> Result<Option<Silence>>;

    /// Forgets what happened before `before` and is dealt with, at most `limit` rows of each kind; how many there were.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune_alerts(&self, before: Timestamp, limit: usize) -> Result<usize>;
}
