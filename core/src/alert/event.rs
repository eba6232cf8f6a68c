//! One thing that happened, with all that rules and messages need of it, so that it can be judged without asking the
//! store again. Who is told is decided by `engine`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::kind::{Aspect, EventKind};
use crate::id::{JobId, NodeName, RunId};
use crate::job::target::Nodes;
use crate::job::{Job, JobName};
use crate::port::health::Service;
use crate::time::Timestamp;

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 1_000;

/// The id of an event: a UUID of version 8, 48 bits of its instant in milliseconds, then a hash of what happened to
/// what. Whoever notices the same thing again gives it the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(Uuid);

impl EventId {
    /// From the sixteen bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The sixteen bytes, which sort by time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// As a UUID.
    #[must_use]
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    fn derive(at: Timestamp, kind: EventKind, aspect: Aspect, subject: &str, run: Option<RunId>) -> Self {
        let run = run.map(|run| run.to_string()).unwrap_or_default();
        Self(stamped(at, format!("{kind}\n{aspect:?}\n{subject}\n{run}").as_bytes()))
    }
}

/// A UUID of version 8 that sorts by `at` and is the same for the same `content`.
pub(super) fn stamped(at: Timestamp, content: &[u8]) -> Uuid {
    let hash = Sha256::digest(content);
    let due = at.millis().clamp(0, (1 << 48) - 1).to_be_bytes();
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(due.iter().skip(2).chain(hash.iter())) {
        *to = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is no id of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id of an alert: write the 36 characters that the list of alerts shows")]
pub struct ParseEventIdError {
    text: String,
}

impl FromStr for EventId {
    type Err = ParseEventIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| ParseEventIdError { text: text.chars().take(64).collect() })
    }
}

/// What rules ask of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFacts {
    /// Its number.
    pub id: JobId,
    /// Its name when it happened.
    pub name: JobName,
    /// The group that is its target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The channels that it names itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
}

impl JobFacts {
    /// Of a job as it is.
    #[must_use]
    pub fn of(job: &Job) -> Self {
        let definition = &job.definition;
        let group = match &definition.target.nodes {
            Nodes::Group(group) => Some(group.clone()),
            _ => None,
        };
        Self {
            id: job.id,
            name: definition.name.clone(),
            group,
            labels: definition.labels.clone(),
            alerts: definition.alerts.clone(),
        }
    }
}

/// What something happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Subject {
    /// A job.
    Job(JobFacts),
    /// A node.
    Node {
        /// Its name.
        node: NodeName,
    },
    /// A service, as one node sees it.
    Service {
        /// The node.
        node: NodeName,
        /// The service.
        service: Service,
    },
    /// The messages that reach a node.
    Messages {
        /// The node.
        node: NodeName,
    },
}

impl Subject {
    /// The same text for the same thing, whatever else is known of it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Job(job) => format!("job/{}", job.id),
            Self::Node { node } => format!("node/{node}"),
            Self::Service { node, service } => format!("service/{node}/{service}"),
            Self::Messages { node } => format!("messages/{node}"),
        }
    }

    /// The job, if it is one.
    #[must_use]
    pub const fn job(&self) -> Option<&JobFacts> {
        match self {
            Self::Job(job) => Some(job),
            _ => None,
        }
    }

    /// The node, unless it is a job.
    #[must_use]
    pub const fn node(&self) -> Option<&NodeName> {
        match self {
            Self::Job(_) => None,
            Self::Node { node } | Self::Service { node, .. } | Self::Messages { node } => Some(node),
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The same however often it is noticed.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// What that is a sign of.
    pub aspect: Aspect,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub subject: Subject,
    /// With which run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// When that was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// Which try it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// Its exit code or status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why, for people; empty where the rest says it all. At most 1,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Event {
    /// Something of this kind; [`EventKind::Recovered`] needs [`Self::recovered`].
    #[must_use]
    pub fn new(kind: EventKind, subject: Subject, at: Timestamp) -> Self {
        Self::with(kind, kind.aspect().unwrap_or(Aspect::Outcome), subject, at, None)
    }

    /// The same, of a run.
    #[must_use]
    pub fn of_run(kind: EventKind, subject: Subject, at: Timestamp, run: RunId) -> Self {
        Self::with(kind, kind.aspect().unwrap_or(Aspect::Outcome), subject, at, Some(run))
    }

    /// What was wrong with the subject in this respect is not any more.
    #[must_use]
    pub fn recovered(aspect: Aspect, subject: Subject, at: Timestamp, run: RunId) -> Self {
        Self::with(EventKind::Recovered, aspect, subject, at, Some(run))
    }

    fn with(kind: EventKind, aspect: Aspect, subject: Subject, at: Timestamp, run: Option<RunId>) -> Self {
        let id = EventId::derive(at, kind, aspect, &subject.key(), run);
        let due_at = run.map(RunId::due_at);
        let (attempt, node, exit_code, reason) = (None, None, None, String::new());
        Self { id, kind, aspect, at, subject, run, due_at, attempt, node, exit_code, reason }
    }

    /// The same with a reason; what is too long is cut, and what no store can keep is replaced.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        let reason = reason.chars().take(LONGEST_REASON).map(|letter| if letter == '\0' { '\u{fffd}' } else { letter });
        Self { reason: reason.collect(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_has_the_same_id_and_ids_sort_by_time() {
        let node = |name| Subject::Node { node: NodeName::new(name).unwrap() };
        let event = |kind, name, second| Event::new(kind, node(name), Timestamp::from_seconds(second)).id;
        assert_eq!(event(EventKind::NodeLost, "a", 1), event(EventKind::NodeLost, "a", 1));
        assert_ne!(event(EventKind::NodeLost, "a", 1), event(EventKind::NodeLost, "b", 1));
        assert_ne!(event(EventKind::NodeLost, "a", 1), event(EventKind::NodeBack, "a", 1));
        assert!(event(EventKind::NodeLost, "a", 1) < event(EventKind::NodeLost, "a", 2));
        let id = event(EventKind::NodeLost, "a", 1);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("x".parse::<EventId>().unwrap_err().to_string().contains("list of alerts"));
    }

    #[test]
    fn reasons_are_bounded_and_can_be_stored() {
        let subject = Subject::Node { node: NodeName::new("a").unwrap() };
        let event = Event::new(EventKind::NodeLost, subject, Timestamp::EPOCH).because(&"\0".repeat(5_000));
        assert_eq!(event.reason.chars().count(), LONGEST_REASON);
        assert!(!event.reason.contains('\0'));
    }
}
