//! What the two processes say to each other: one datagram each, in JSON.

use cronbus_core::id::{NodeName, RunId};
use cronbus_core::job::JobName;
use cronbus_core::port::runner::Stop;
use cronbus_core::run::Outcome;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of this conversation. Processes of different ones do not succeed each other.
pub(super) const PROTOCOL: u32 = 1;

/// No message is longer, in bytes.
pub(super) const LONGEST: usize = 128 << 10;

/// How many runs are named in one message.
pub(super) const RUNS: usize = 64;

/// Something said. What a later version adds to one is left out by those who do not know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum Message {
    /// The new process is there.
    Hello {
        /// See [`PROTOCOL`].
        protocol: u32,
        /// Of its executable.
        version: String,
    },
    /// What the new process gets; the descriptors come with it, in this order.
    State {
        /// Who the node is.
        node: NodeName,
        /// Its data directory, from the root.
        directory: String,
        /// What the descriptors are.
        descriptors: Vec<Descriptor>,
    },
    /// The new process could go on at once.
    Ready,
    /// The new process cannot go on.
    Abort {
        /// Why, for people.
        reason: String,
    },
    /// Runs that stay in the old process. There may be several of these.
    Stays {
        /// Which.
        runs: Vec<Stay>,
    },
    /// The old process does nothing any more: the new one is the node.
    Go,
    /// The new process does everything.
    Up,
    /// The service manager knows the new process.
    Farewell,
    /// A run that stayed is over, and its log is closed.
    Ended {
        /// Which.
        run: RunId,
        /// How.
        outcome: Box<Outcome>,
    },
    /// A run that stayed shall end.
    End {
        /// Which.
        run: RunId,
        /// Why, and how fast.
        why: Why,
    },
}

/// What a descriptor is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Descriptor {
    /// The lock of the data directory.
    Lock,
    /// A listening socket.
    Socket {
        /// The key of the configuration that asked for it.
        key: String,
        /// What that said.
        listen: String,
    },
}

/// A run that stays in the old process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stay {
    /// Which.
    pub(super) run: RunId,
    /// The name of its job: its log is found by it.
    pub(super) job: JobName,
    /// Since when, if it has started.
    pub(super) started_at: Option<Timestamp>,
}

/// Why a run that stayed shall end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// As [`Stop::Kill`].
    Killed,
    /// As [`Stop::TimedOut`].
    TimedOut,
    /// As [`Stop::KillNow`].
    KilledNow,
}

impl Why {
    /// `None` for one that may go on.
    pub(super) const fn of(stop: Stop) -> Option<Self> {
        match stop {
            Stop::No => None,
            Stop::Kill => Some(Self::Killed),
            Stop::TimedOut => Some(Self::TimedOut),
            Stop::KillNow => Some(Self::KilledNow),
        }
    }
}

impl From<Why> for Stop {
    fn from(why: Why) -> Self {
        match why {
            Why::Killed => Self::Kill,
            Why::TimedOut => Self::TimedOut,
            Why::KilledNow => Self::KillNow,
        }
    }
}

impl Message {
    /// Its name, for people.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::State { .. } => "state",
            Self::Ready => "ready",
            Self::Abort { .. } => "abort",
            Self::Stays { .. } => "stays",
            Self::Go => "go",
            Self::Up => "up",
            Self::Farewell => "farewell",
            Self::Ended { .. } => "ended",
            Self::End { .. } => "end",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_adds_does_not_disturb() {
        let text = r#"{"say":"hello","protocol":1,"version":"9.9.9","mood":"good"}"#;
        let hello = Message::Hello { protocol: 1, version: "9.9.9".to_owned() };
        assert_eq!(serde_json::from_str::<Message>(text).unwrap(), hello);
        assert!(serde_json::from_str::<Message>(r#"{"say":"boo"}"#).is_err());
    }
}
