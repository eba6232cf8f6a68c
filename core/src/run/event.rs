//! What can happen to a run, and what is known of it then. Whether it can happen is the state's to say.

use serde::{Deserialize, Serialize};

use super::state::State;
use crate::id::NodeName;
use crate::time::Timestamp;

/// What can happen to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was handed to a node.
    Assign {
        /// Which one.
        node: NodeName,
    },
    /// The node was gone before it acknowledged: the run may go elsewhere.
    Return,
    /// It started.
    Start {
        /// When.
        at: Timestamp,
    },
    /// It ended, or nobody will ever know.
    End(Box<Outcome>),
    /// It will not be executed.
    Answer(Answer),
}

impl Event {
    /// What it is, behind "cannot".
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Assign { .. } => "be assigned",
            Self::Return => "be returned",
            Self::Start { .. } => "start",
            Self::End(_) => "end",
            Self::Answer(_) => "be answered without execution",
        }
    }
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Exit code 0, or an expected status.
    Succeeded,
    /// Anything else that it did by itself, or it could not be started.
    Failed,
    /// It was ended by its timeout.
    TimedOut,
    /// It was ended on request.
    Killed,
    /// Its node died while it ran.
    Lost,
}

impl Ending {
    /// The state of a run that ended so.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Succeeded => State::Succeeded,
            Self::Failed => State::Failed,
            Self::TimedOut => State::TimedOut,
            Self::Killed => State::Killed,
            Self::Lost => State::Lost,
        }
    }
}

/// Why a run was not executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which answer.
    pub verdict: Verdict,
    /// When it was given.
    pub at: Timestamp,
    /// Why, for people.
    pub reason: String,
}

/// The answers without execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// An earlier run was not over; people are told.
    Skipped,
    /// An earlier run was not over, which is how it should be (`overlap = "healthy"`).
    SkippedHealthy,
    /// Nobody was there.
    Missed,
    /// No node could take it in time.
    Rejected,
    /// Someone killed it before it was handed to a node.
    Killed,
}

impl Verdict {
    /// The state of a run answered so.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Skipped | Self::SkippedHealthy => State::Skipped,
            Self::Missed => State::Missed,
            Self::Rejected => State::Rejected,
            Self::Killed => State::Killed,
        }
    }
}

/// What is known of an execution that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// When it started; absent when it could not be started, or nobody knows.
    pub started_at: Option<Timestamp>,
    /// When it ended, or was found to be lost.
    pub ended_at: Timestamp,
    /// The exit code of a process, or the status of an HTTP response.
    pub exit_code: Option<i32>,
    /// The signal that ended the process.
    pub signal: Option<i32>,
    /// Why it ended so, for people; empty where the code says it all.
    pub reason: String,
    /// What it used; absent for what has no process.
    pub usage: Option<Usage>,
    /// What became of its output.
    pub output: Output,
}

impl Outcome {
    /// An ending without a process: nothing used, nothing written.
    #[must_use]
    pub fn bare(ending: Ending, started_at: Option<Timestamp>, ended_at: Timestamp, reason: impl Into<String>) -> Self {
        Self {
            ending,
            started_at,
            ended_at,
            exit_code: None,
            signal: None,
            reason: reason.into(),
            usage: None,
            output: Output::default(),
        }
    }
}

/// The resources a process and its waited-for children used, from wait4(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time in user mode, in milliseconds.
    pub user_ms: u64,
    /// CPU time in the kernel, in milliseconds.
    pub system_ms: u64,
    /// The largest resident set, in bytes; 0 when it is not known because it was no larger than the node's own.
    pub max_rss_bytes: u64,
}

/// What became of a run's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// How many bytes it wrote.
    pub bytes: u64,
    /// Whether the middle was left out because it wrote more than is kept.
    pub truncated: bool,
}
