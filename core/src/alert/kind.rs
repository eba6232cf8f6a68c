//! The kinds of things that people may want to be told of. Who is told is decided by `rule`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The last attempt of a run failed.
    Failed,
    /// The last attempt of a run was ended by its timeout.
    TimedOut,
    /// A run was ended on request.
    Killed,
    /// Nobody knows how a run ended.
    Lost,
    /// Nobody was there when a slot was due.
    Missed,
    /// No node could take a run in time.
    Rejected,
    /// A run started long after it was due, or has not started yet.
    LateStart,
    /// A slot was skipped since an earlier run was not over.
    SkippedByOverlap,
    /// A run takes longer than it may, or than it usually does.
    RunningLong,
    /// A job has not succeeded for too long.
    NoSuccess,
    /// What was wrong with a job is not any more.
    Recovered,
    /// A node left without saying so.
    NodeLost,
    /// A node that was lost is there again.
    NodeBack,
    /// A service that a node leans on is away.
    ServiceDegraded,
    /// It answers again.
    ServiceBack,
    /// Messages came that nobody of the cluster had signed.
    BadSignatures,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Failed,
        Self::TimedOut,
        Self::Killed,
        Self::Lost,
        Self::Missed,
        Self::Rejected,
        Self::LateStart,
        Self::SkippedByOverlap,
        Self::RunningLong,
        Self::NoSuccess,
        Self::Recovered,
        Self::NodeLost,
        Self::NodeBack,
        Self::ServiceDegraded,
        Self::ServiceBack,
        Self::BadSignatures,
    ];

    /// The word for it in documents, rules and subjects.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Killed => "killed",
            Self::Lost => "lost",
            Self::Missed => "missed",
            Self::Rejected => "rejected",
            Self::LateStart => "late_start",
            Self::SkippedByOverlap => "skipped_by_overlap",
            Self::RunningLong => "running_long",
            Self::NoSuccess => "no_success",
            Self::Recovered => "recovered",
            Self::NodeLost => "node_lost",
            Self::NodeBack => "node_back",
            Self::ServiceDegraded => "service_degraded",
            Self::ServiceBack => "service_back",
            Self::BadSignatures => "bad_signatures",
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Recovered | Self::NodeBack | Self::ServiceBack => Severity::Good,
            Self::LateStart | Self::SkippedByOverlap | Self::RunningLong | Self::Killed => Severity::Warning,
            Self::Failed
            | Self::TimedOut
            | Self::Lost
            | Self::Missed
            | Self::Rejected
            | Self::NoSuccess
            | Self::NodeLost
            | Self::ServiceDegraded
            | Self::BadSignatures => Severity::Critical,
        }
    }
}

impl EventKind {
    /// What it is a sign of; `None` for [`Self::Recovered`], which may be of any.
    #[must_use]
    pub const fn aspect(self) -> Option<Aspect> {
        match self {
            Self::Failed | Self::TimedOut | Self::Killed | Self::Lost | Self::Missed | Self::Rejected => {
                Some(Aspect::Outcome)
            }
            Self::LateStart | Self::SkippedByOverlap => Some(Aspect::Start),
            Self::RunningLong => Some(Aspect::Duration),
            Self::NoSuccess => Some(Aspect::Success),
            Self::NodeLost | Self::NodeBack => Some(Aspect::Presence),
            Self::ServiceDegraded | Self::ServiceBack => Some(Aspect::Service),
            Self::BadSignatures => Some(Aspect::Trust),
            Self::Recovered => None,
        }
    }

    /// Whether it says that something is well again.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self.severity(), Severity::Good)
    }

    /// What is told of a job that names channels itself.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::TimedOut | Self::Lost | Self::Missed | Self::Rejected | Self::SkippedByOverlap
        )
    }
}

/// What can be wrong with something, each by itself: a job may run too long and fail afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// How a job's runs end.
    Outcome,
    /// When a job's runs start.
    Start,
    /// How long a job's runs take.
    Duration,
    /// When a job last succeeded.
    Success,
    /// Whether a node is there.
    Presence,
    /// Whether a service answers a node.
    Service,
    /// Whether messages were signed.
    Trust,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no kind of event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no kind of event: write one of {}", EventKind::ALL.map(EventKind::as_str).join(", "))]
pub struct UnknownKind {
    text: String,
}

impl FromStr for EventKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind { text: text.chars().take(64).collect() })
    }
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is well again.
    Good,
    /// Worth a look today.
    Warning,
    /// Worth a look now.
    Critical,
}

impl Severity {
    /// The word for it in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_by_the_word_it_is_written_with() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        let error = "fail".parse::<EventKind>().unwrap_err().to_string();
        assert!(error.contains("failed, timed_out"), "{error}");
    }
}
