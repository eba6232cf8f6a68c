//! One entry, and the trail that entries of one request belong to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::action::Action;
use super::actor::Actor;
use crate::time::Timestamp;

/// The id of an entry: its first 48 bits are when it was made, in milliseconds, so that ids sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(Uuid);

impl EntryId {
    fn new(at: Timestamp, number: usize, nonce: u64) -> Self {
        let millis = at.millis().clamp(0, (1 << 48) - 1).unsigned_abs();
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        let high = (millis << 16) | (number & 0xfff);
        Self(Uuid::from_u64_pair(high | 0x8000, nonce.wrapping_add(number) >> 2 | 1 << 63))
    }

    /// The smallest id of an entry made at `at`.
    #[must_use]
    pub fn floor(at: Timestamp) -> Self {
        let millis = at.millis().clamp(0, (1 << 48) - 1).unsigned_abs();
        Self(Uuid::from_u64_pair(millis << 16, 0))
    }

    /// The sixteen bytes, which sort by time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is no id of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id of an audit entry: write the 36 characters that the list shows")]
pub struct ParseEntryIdError {
    text: String,
}

impl FromStr for EntryId {
    type Err = ParseEntryIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| ParseEntryIdError { text: text.chars().take(64).collect() })
    }
}

/// What kind of thing something was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A job.
    Job,
    /// A run; its name is that of its job.
    Run,
    /// A node.
    Node,
    /// A silence.
    Silence,
    /// Something that is wrong.
    Alert,
    /// A channel.
    Channel,
    /// A secret.
    Secret,
    /// A user, or who would be one.
    User,
    /// An API token.
    Token,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Job,
        Self::Run,
        Self::Node,
        Self::Silence,
        Self::Alert,
        Self::Channel,
        Self::Secret,
        Self::User,
        Self::Token,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Run => "run",
            Self::Node => "node",
            Self::Silence => "silence",
            Self::Alert => "alert",
            Self::Channel => "channel",
            Self::Secret => "secret",
            Self::User => "user",
            Self::Token => "token",
        }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The name it has for people.
    pub name: String,
    /// Its id, where it has one beside its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Object {
    /// Something that is known by its name.
    #[must_use]
    pub fn named(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), id: None }
    }

    /// Something that has an id, too.
    #[must_use]
    pub fn with_id(kind: ObjectKind, name: impl Into<String>, id: impl fmt::Display) -> Self {
        Self { kind, name: name.into(), id: Some(id.to_string()) }
    }
}

/// That somebody did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// What was before, as far as it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is since, as far as it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// Who acts, and when: what all entries of one request have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// A random number, by which entries of the same millisecond differ.
    pub nonce: u64,
}

impl Trail {
    /// The entry with this number within the request.
    #[must_use]
    pub fn entry(&self, number: usize, action: Action, object: Object) -> Entry {
        let id = EntryId::new(self.at, number, self.nonce);
        Entry { id, at: self.at, actor: self.actor.clone(), action, object, before: None, after: None }
    }
}

impl Entry {
    /// The same, saying what was and what is.
    #[must_use]
    pub fn changing(self, before: Option<Value>, after: Option<Value>) -> Self {
        Self { before, after, ..self }
    }
}
