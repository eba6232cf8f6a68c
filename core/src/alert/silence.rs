//! Silences: what nobody wants to hear of until a certain moment, and who said so. An event that is silenced is kept in
//! the history and told nobody.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{Event, Subject, stamped};
use super::kind::EventKind;
use super::pattern::Pattern;
use crate::time::Timestamp;

/// Which events. What is absent does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matcher {
    /// Of jobs of such a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Pattern>,
    /// Of jobs whose target is this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Of nodes of such a name, or their services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Pattern>,
    /// Of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
}

impl Matcher {
    /// Whether it restricts anything at all.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    fn fits(&self, subject: &Subject, kind: EventKind) -> bool {
        let of_job = |fits: &dyn Fn(&super::event::JobFacts) -> bool| subject.job().is_some_and(fits);
        self.job.as_ref().is_none_or(|pattern| of_job(&|job| pattern.matches(job.name.as_str())))
            && self.group.as_ref().is_none_or(|group| of_job(&|job| job.group.as_ref() == Some(group)))
            && self.node.as_ref().is_none_or(|node| subject.node().is_some_and(|name| node.matches(name.as_str())))
            && self.kind.is_none_or(|wanted| wanted == kind)
    }
}

/// The id of a silence; ids sort by when they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SilenceId(Uuid);

impl SilenceId {
    /// The sixteen bytes, which sort by time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is no id of a silence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id of a silence: write the 36 characters that the list of silences shows")]
pub struct ParseSilenceIdError {
    text: String,
}

impl FromStr for SilenceId {
    type Err = ParseSilenceIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| ParseSilenceIdError { text: text.chars().take(64).collect() })
    }
}

/// What nobody wants to hear of for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its id.
    pub id: SilenceId,
    /// Which events.
    pub matcher: Matcher,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who wants it.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl Silence {
    /// From `now` until `until`. `nonce` makes it differ from others made in the same millisecond.
    #[must_use]
    pub fn new(matcher: Matcher, now: Timestamp, until: Timestamp, by: &str, why: &str, nonce: &str) -> Self {
        let id = SilenceId(stamped(now, format!("silence\n{by}\n{why}\n{nonce}").as_bytes()));
        Self { id, matcher, since: now, until, by: by.to_owned(), why: why.to_owned() }
    }

    /// Whether it is in force.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.until
    }

    /// Whether it keeps `event` from being told at `now`.
    #[must_use]
    pub fn covers(&self, event: &Event, now: Timestamp) -> bool {
        self.holds(now) && self.matcher.fits(&event.subject, event.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NodeName;

    #[test]
    fn it_covers_what_fits_while_it_holds() {
        let [before, since, until] = [5, 10, 20].map(Timestamp::from_seconds);
        let node = NodeName::new("php-1").unwrap();
        let event = Event::new(EventKind::NodeLost, Subject::Node { node }, since);
        let pattern = |text| Some(Pattern::new(text).unwrap());
        let silence = |matcher| Silence::new(matcher, since, until, "ann", "moving", "");
        for (matcher, covers) in [
            (Matcher::default(), true),
            (Matcher { node: pattern("php-*"), ..Matcher::default() }, true),
            (Matcher { node: pattern("db-*"), ..Matcher::default() }, false),
            (Matcher { kind: Some(EventKind::NodeLost), ..Matcher::default() }, true),
            (Matcher { kind: Some(EventKind::NodeBack), ..Matcher::default() }, false),
            (Matcher { job: pattern("*"), ..Matcher::default() }, false),
            (Matcher { group: Some("php".to_owned()), ..Matcher::default() }, false),
        ] {
            let silence = silence(matcher);
            assert_eq!(silence.covers(&event, since), covers, "{silence:?}");
            assert!(!silence.covers(&event, before) && !silence.covers(&event, until));
        }
    }
}
