//! One thing that is wrong, from its first event until it is well again: how often it happened, who was told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{Event, EventId, Subject};
use super::kind::{Aspect, EventKind};
use super::message::ChannelName;
use crate::time::Timestamp;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// That of its first event.
    pub id: EventId,
    /// With what.
    pub subject: Subject,
    /// In which respect.
    pub aspect: Aspect,
    /// When it began.
    pub since: Timestamp,
    /// How often it happened in a row.
    pub count: u32,
    /// What happened last.
    pub last: Event,
    /// Who knows of it: the channel, the kind that was told last, and when.
    pub told: BTreeMap<ChannelName, Told>,
    /// Whom to tell unless somebody acknowledges it.
    pub escalations: Vec<Escalating>,
    /// Who looks after it. Kept beside the rest, since people write it and the rest is the alerter's.
    #[serde(skip)]
    pub acknowledgement: Option<Acknowledgement>,
}

/// What a channel was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which kind of event.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
}

/// Others are told at a certain moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalating {
    /// Which rule says so.
    pub rule: String,
    /// When.
    pub at: Timestamp,
    /// Whom.
    pub channels: Vec<ChannelName>,
}

/// Somebody looks after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// In his or her words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What an incident is known by.
pub(super) type Key = (String, Aspect);

impl Incident {
    /// One that begins with this event, which is not counted yet.
    pub(super) fn begin(event: &Event) -> Self {
        Self {
            id: event.id,
            subject: event.subject.clone(),
            aspect: event.aspect,
            since: event.at,
            count: 0,
            last: event.clone(),
            told: BTreeMap::new(),
            escalations: Vec::new(),
            acknowledgement: None,
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.subject.key(), self.aspect)
    }

    /// It happened again.
    pub(super) fn count(&mut self, event: &Event) {
        self.count = self.count.saturating_add(1);
        self.subject = event.subject.clone();
        self.last = event.clone();
    }

    /// Whether the channel does not know of this kind yet.
    pub(super) fn is_news_to(&self, channel: &ChannelName, kind: EventKind) -> bool {
        self.told.get(channel).is_none_or(|told| told.kind != kind)
    }

    /// Whether anybody knows of it.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !self.told.is_empty()
    }

    /// From when on a success says that it is over: of a run due at or after this instant. `None`: nothing a run does
    /// ends it.
    #[must_use]
    pub fn ends_with_success_from(&self) -> Option<Timestamp> {
        let due_at = self.last.due_at.unwrap_or(self.since);
        match self.aspect {
            // The slot that went wrong does not end by another of its runs.
            Aspect::Outcome => Some(due_at + std::time::Duration::from_millis(1)),
            Aspect::Start | Aspect::Duration => Some(due_at),
            // A run may take long: one that was due a day before may be the one that was waited for.
            Aspect::Success => Some(self.since - std::time::Duration::from_secs(86_400)),
            Aspect::Presence | Aspect::Service | Aspect::Trust => None,
        }
    }
}
