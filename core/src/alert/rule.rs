//! Who wants to hear of what: the rules of `[[alerts.rule]]`, and the channels that a job names itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::{Event, JobFacts, Subject};
use super::kind::EventKind;
use super::message::ChannelName;
use super::pattern::Pattern;
use crate::duration::Period;
use crate::id::JobId;

/// One rule. What selects and is absent does not restrict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, for people.
    pub name: String,
    /// Jobs with a name of one of these patterns (`*` is any text, `?` any one character).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Pattern>,
    /// Jobs whose target is this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Jobs that have all these labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What it is about. Empty: failures (`failed`, `timed_out`, `lost`, `missed`, `rejected`, `skipped_by_overlap`), and
    /// what the limits below find. `recovered`, `node_back` and `service_back` follow by themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventKind>,
    /// Tell only when it happened so many times in a row.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub after: u32,
    /// Tell when it begins, and when another kind of event follows; `false` tells every time.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub only_on_change: bool,
    /// Whom to tell.
    pub channels: Vec<ChannelName>,
    /// Whom to tell when nobody acknowledges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalation>,
    /// A run that takes longer than this is an event `running_long`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_longer_than: Option<Period>,
    /// A run that takes longer than 95 of 100 runs of its job, times this, is an event `running_long`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_longer_than_p95: Option<Factor>,
    /// A job that has not succeeded for so long is an event `no_success`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_success_for: Option<Period>,
    /// A run that starts later than this after its moment is an event `late_start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_after: Option<Period>,
}

/// Whom to tell when nobody acknowledges what was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How long to wait for somebody to acknowledge it.
    pub after: Period,
    /// Whom to tell then.
    pub channels: Vec<ChannelName>,
}

/// A factor from 1 to 1000, to the hundredth. Written as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Factor(u32);

impl Factor {
    /// So many times `duration`.
    #[must_use]
    pub fn times(self, duration: Duration) -> Duration {
        duration.saturating_mul(self.0) / 100
    }
}

impl TryFrom<f64> for Factor {
    type Error = &'static str;
    fn try_from(factor: f64) -> Result<Self, Self::Error> {
        if !(1.0..=1_000.0).contains(&factor) {
            return Err("a factor is a number from 1 to 1000");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its range was checked")]
        Ok(Self((factor * 100.0).round() as u32))
    }
}

impl From<Factor> for f64 {
    fn from(factor: Factor) -> Self {
        Self::from(factor.0) / 100.0
    }
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(after: &u32) -> bool {
    *after == 1
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_yes(value: &bool) -> bool {
    *value
}

impl Rule {
    /// Whether it is about events of this kind.
    #[must_use]
    pub fn is_about(&self, kind: EventKind) -> bool {
        if !self.events.is_empty() {
            return self.events.contains(&kind);
        }
        match kind {
            EventKind::LateStart => self.late_after.is_some(),
            EventKind::RunningLong => self.running_longer_than.is_some() || self.running_longer_than_p95.is_some(),
            EventKind::NoSuccess => self.no_success_for.is_some(),
            kind => kind.is_failure(),
        }
    }

    /// Whether it is about this job.
    #[must_use]
    pub fn selects(&self, job: &JobFacts) -> bool {
        (self.jobs.is_empty() || self.jobs.iter().any(|pattern| pattern.matches(job.name.as_str())))
            && self.group.as_ref().is_none_or(|group| job.group.as_ref() == Some(group))
            && self.labels.iter().all(|(key, value)| job.labels.get(key) == Some(value))
    }

    fn is_for(&self, kind: EventKind, subject: &Subject) -> bool {
        self.is_about(kind) && subject.job().is_none_or(|job| self.selects(job))
    }

    /// All channels it names, those of its escalation last.
    pub fn all_channels(&self) -> impl Iterator<Item = &ChannelName> {
        self.channels.iter().chain(self.escalate.iter().flat_map(|escalation| &escalation.channels))
    }
}

/// Somebody wants to hear of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    /// Which rule says so, or that the job does.
    pub rule: String,
    /// After so many in a row.
    pub after: u32,
    /// Only what is news.
    pub only_on_change: bool,
    /// Whom to tell.
    pub channels: Vec<ChannelName>,
    /// And whom, when nobody acknowledges it.
    pub escalate: Option<Escalation>,
}

/// All rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// These.
    #[must_use]
    pub const fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// Whether anybody could want to hear of this.
    #[must_use]
    pub fn want(&self, kind: EventKind, subject: &Subject) -> bool {
        let by_itself = subject.job().is_some_and(|job| !job.alerts.is_empty()) && kind.is_failure();
        by_itself || self.0.iter().any(|rule| rule.is_for(kind, subject))
    }

    /// Whether any rule is about events of this kind.
    #[must_use]
    pub fn are_about(&self, kind: EventKind) -> bool {
        self.0.iter().any(|rule| rule.is_about(kind))
    }

    /// Who wants to hear of an event.
    #[must_use]
    pub fn interests(&self, event: &Event) -> Vec<Interest> {
        let by_rule = self.0.iter().filter(|rule| rule.is_for(event.kind, &event.subject)).map(|rule| Interest {
            rule: rule.name.clone(),
            after: rule.after,
            only_on_change: rule.only_on_change,
            channels: rule.channels.clone(),
            escalate: rule.escalate.clone(),
        });
        by_rule.chain(by_job(event)).collect()
    }

    /// The shortest lateness that is an event of this job.
    #[must_use]
    pub fn late_after(&self, job: &JobFacts) -> Option<Duration> {
        self.limit(EventKind::LateStart, job, |rule| rule.late_after.map(Period::duration))
    }

    /// How long this job may go without a success.
    #[must_use]
    pub fn no_success_for(&self, job: &JobFacts) -> Option<Duration> {
        self.limit(EventKind::NoSuccess, job, |rule| rule.no_success_for.map(Period::duration))
    }

    /// How long a run of this job may take; `p95` is how long nearly all of its runs take, if that is known.
    #[must_use]
    pub fn running_longer_than(&self, job: &JobFacts, p95: Option<Duration>) -> Option<Duration> {
        let fixed = self.limit(EventKind::RunningLong, job, |rule| rule.running_longer_than.map(Period::duration));
        let usual = self
            .limit(EventKind::RunningLong, job, |rule| rule.running_longer_than_p95.zip(p95).map(|(f, p)| f.times(p)));
        fixed.into_iter().chain(usual).min()
    }

    /// Whether how long its runs usually take says how long a run of this job may take.
    #[must_use]
    pub fn asks_for_p95(&self, job: &JobFacts) -> bool {
        self.0.iter().any(|rule| rule.running_longer_than_p95.is_some() && rule.selects(job))
    }

    fn limit(&self, kind: EventKind, job: &JobFacts, of: impl Fn(&Rule) -> Option<Duration>) -> Option<Duration> {
        self.0.iter().filter(|rule| rule.is_about(kind) && rule.selects(job)).filter_map(of).min()
    }
}

/// What a job names itself: its failures, and that they are over.
fn by_job(event: &Event) -> Option<Interest> {
    let job = event.subject.job().filter(|job| event.kind.is_failure() && !job.alerts.is_empty())?;
    let channels = job.alerts.iter().filter_map(|name| ChannelName::new(name).ok()).collect();
    let rule = rule_of_job(job.id);
    Some(Interest { rule, after: 1, only_on_change: true, channels, escalate: None })
}

fn rule_of_job(job: JobId) -> String {
    format!("alerts of job {job}")
}
