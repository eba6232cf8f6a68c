//! A job as its author writes it, in TOML, YAML or JSON; the same fields in REST and on the bus.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::keep::LogKeep;
use super::limits::Limits;
use super::policy::{Isolation, Misfire, OnTimeout, Overlap, Retry};
use super::target::{Routing, Target};
use crate::duration::Period;
use crate::schedule::{Dialect, Dst};
use crate::time::Timestamp;

/// Values by name that templates show as `{{params.name}}`.
pub type Params = BTreeMap<String, String>;

/// A job's unique name: 1 to 128 letters (of any script), digits, `-`, `_`, `.` and `/`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobName(Arc<str>);

/// The text cannot be a job's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "name: `{text}` cannot name a job: use 1 to 128 letters, digits, `-`, `_`, `.` or `/`, starting with a letter or digit"
)]
pub struct JobNameError {
    text: String,
}

impl JobName {
    /// What the names of jobs begin with that were made of submissions.
    pub const AD_HOC: &str = "adhoc/";

    /// Checks the rule above. A name of digits alone is refused too: it could be taken for an id.
    ///
    /// # Errors
    /// When the text breaks the rule.
    pub fn new(text: &str) -> Result<Self, JobNameError> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let starts_well = text.chars().next().is_some_and(char::is_alphanumeric);
        let only_digits = text.chars().all(|c| c.is_ascii_digit());
        let climbs = text.split('/').any(|part| part.is_empty() || part == "." || part == "..");
        if starts_well && !only_digits && !climbs && text.chars().count() <= 128 && text.chars().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(JobNameError { text: text.chars().take(140).collect() })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the job was made of a submission that said what to execute.
    #[must_use]
    pub fn is_ad_hoc(&self) -> bool {
        self.0.starts_with(Self::AD_HOC)
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JobName {
    type Err = JobNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for JobName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// A job as its author writes it. What is absent has the default named at the field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Unique over all jobs.
    pub name: JobName,
    /// What the job is for, in its author's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The rule; absent means the job only runs when it is asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// How weekdays of the rule are read; `unix` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dialect: Dialect,
    /// The IANA zone of the rule; `UTC` by default.
    #[serde(default = "utc", skip_serializing_if = "is_utc")]
    pub timezone: String,
    /// What to do when clocks change; Debian cron's way by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dst: Dst,
    /// No slot before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// No slot at or after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// What is executed.
    pub command: Command,
    /// Where; `any` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub target: Target,
    /// How one of several fitting nodes is chosen; `round_robin` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub routing: Routing,
    /// How long a run may take; absent means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// What happens then; `kill` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_timeout: OnTimeout,
    /// From TERM to KILL; the node's `executor.kill_grace` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kill_grace: Option<Period>,
    /// Who supervises its commands; the node's `executor.isolation` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// What one run may use; everything by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Limits,
    /// What happens when the job is due while an earlier run is not over; `skip` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub overlap: Overlap,
    /// How many runs may wait under `overlap = "queue"`; 100 by default. The next one is skipped.
    #[serde(default = "default_queue_limit", skip_serializing_if = "is_default_queue_limit")]
    pub queue_limit: u32,
    /// What happens to slots that nobody was there for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub misfire: Misfire,
    /// Whether and how a run is tried again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry: Retry,
    /// A run that has not started this long after its due instant is rejected; absent means it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_deadline: Option<Period>,
    /// Which of several waiting runs goes first, 0 to 9, 9 first; 5 by default.
    #[serde(default = "default_priority", skip_serializing_if = "is_default_priority")]
    pub priority: u8,
    /// How many runs of this job one node executes at a time; absent means as many as it has slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How long what its runs print is kept; as long as the node says by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub log: LogKeep,
    /// Whether the rule makes slots; true by default.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// Values for templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: Params,
    /// For selecting jobs in lists and alert rules.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The alert channels of this job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
}

impl Definition {
    /// A job that only runs when asked to, with every default.
    #[must_use]
    pub fn new(name: JobName, command: Command) -> Self {
        Self {
            name,
            description: String::new(),
            schedule: None,
            dialect: Dialect::default(),
            timezone: utc(),
            dst: Dst::default(),
            valid_from: None,
            valid_until: None,
            command,
            target: Target::default(),
            routing: Routing::default(),
            timeout: None,
            on_timeout: OnTimeout::default(),
            kill_grace: None,
            isolation: None,
            limits: Limits::default(),
            overlap: Overlap::default(),
            queue_limit: default_queue_limit(),
            misfire: Misfire::default(),
            retry: Retry::default(),
            start_deadline: None,
            priority: default_priority(),
            concurrency: None,
            log: LogKeep::default(),
            enabled: true,
            params: Params::new(),
            labels: BTreeMap::new(),
            alerts: Vec::new(),
        }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

fn is_utc(zone: &str) -> bool {
    zone == "UTC"
}

const fn default_queue_limit() -> u32 {
    100
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_default_queue_limit(limit: &u32) -> bool {
    *limit == default_queue_limit()
}

const fn default_priority() -> u8 {
    5
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_default_priority(priority: &u8) -> bool {
    *priority == default_priority()
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_two_lines_has_every_default_and_writes_two_lines_again() {
        let text = r#"{"name":"backup","command":{"shell":"backup.sh"}}"#;
        let job: Definition = serde_json::from_str(text).unwrap();
        assert_eq!(job, Definition::new(JobName::new("backup").unwrap(), Command::shell("backup.sh")));
        assert_eq!(serde_json::to_string(&job).unwrap(), text);
    }

    #[test]
    fn names_that_would_mislead_are_refused() {
        for bad in ["", "7", "a b", "../x", "a//b", "-a", "a\n", "a/..", &"x".repeat(129)] {
            assert!(JobName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "7a", "nightly/report.v2", "报表-夜间"] {
            assert!(JobName::new(good).is_ok(), "{good:?}");
        }
    }
}
