//! What is told, as facts: every channel makes its own text of it. Nothing here is escaped or cut for a channel, and
//! whatever a job printed or its author wrote may be in it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kind::{EventKind, Severity};
use crate::id::{NodeName, RunId};
use crate::job::JobName;
use crate::time::Timestamp;

/// The name of a channel: 1 to 64 letters, digits, `-` and `_`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChannelName(Arc<str>);

/// The text cannot be a channel's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot name a channel: use 1 to 64 letters, digits, `-` or `_`, beginning with a letter or digit")]
pub struct ChannelNameError {
    text: String,
}

impl ChannelName {
    /// Checks the rule above.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn new(text: &str) -> Result<Self, ChannelNameError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins_well && text.len() <= 64 && text.chars().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(ChannelNameError { text: text.chars().take(80).collect() })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ChannelName {
    type Err = ChannelNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for ChannelName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// The id of a message: the same each time it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub Uuid);

/// The text is no id of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id of a message: write its 36 characters")]
pub struct ParseMessageIdError {
    text: String,
}

impl FromStr for MessageId {
    type Err = ParseMessageIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| ParseMessageIdError { text: text.chars().take(64).collect() })
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One line of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about: `Exit code`.
    pub label: String,
    /// What it says: `1`.
    pub value: String,
}

/// What is told over one channel, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same on every repetition.
    pub id: MessageId,
    /// The incident: what is told later of the same matter has the same, so a recovery answers its failure.
    pub thread: Uuid,
    /// Whether nothing was told of the incident over this channel before.
    pub is_first_of_thread: bool,
    /// What happened.
    pub kind: EventKind,
    /// How bad it is.
    pub severity: Severity,
    /// One line for people.
    pub title: String,
    /// When it happened.
    pub at: Timestamp,
    /// More, in order.
    pub lines: Vec<Fact>,
    /// The job it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobName>,
    /// The run it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The node it is about, or on which the run was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// Why, in the words of whoever recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The end of what the run printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_tail: Option<String>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How many events it stands for; 1 for one that stands for itself.
    pub grouped: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_reach_into_a_key_or_a_header_are_refused() {
        for bad in ["", "a.b", "a b", "-a", "a\n", "短信", &"x".repeat(65)] {
            assert!(ChannelName::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(ChannelName::new("duty-sms_2").unwrap().as_str(), "duty-sms_2");
    }
}
