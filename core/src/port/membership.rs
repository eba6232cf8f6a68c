//! Which nodes live, and who owns which partition.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::health::{Health, Service};
use crate::id::NodeName;
use crate::time::Timestamp;

/// A part that a node plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Knows the time.
    Scheduler,
    /// Turns due slots into runs.
    Dispatcher,
    /// Executes them.
    Executor,
    /// Watches.
    Monitor,
    /// Answers REST and browsers.
    Web,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Scheduler, Self::Dispatcher, Self::Executor, Self::Monitor, Self::Web];

    /// Those that somebody has to play, or nothing is created and executed.
    pub const NEEDED: [Self; 3] = [Self::Scheduler, Self::Dispatcher, Self::Executor];

    /// What does not happen while nobody plays it, and what follows when somebody does again.
    #[must_use]
    pub const fn without(self) -> &'static str {
        match self {
            Self::Scheduler => {
                "nothing becomes due, and nobody takes over from dispatchers that go; the gap is answered by the misfire \
                 policy of each job when one is there"
            }
            Self::Dispatcher => {
                "no run is created or handed over, and what became of those that execute is kept on disk; the gap is \
                 answered by the misfire policy of each job when one is there"
            }
            Self::Executor => "runs are created and wait, those with a start_deadline until then",
            Self::Monitor => "what is old is not deleted",
            Self::Web => "nobody answers REST",
        }
    }

    /// The word for it in flags and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Dispatcher => "dispatcher",
            Self::Executor => "executor",
            Self::Monitor => "monitor",
            Self::Web => "web",
        }
    }
}

/// Whether a node takes work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It does.
    #[default]
    Active,
    /// It finishes what it has.
    Draining,
}

impl Availability {
    /// The word for it in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draining => "draining",
        }
    }
}

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its unique name.
    pub name: NodeName,
    /// Where its web listens; empty without the web role.
    pub address: String,
    /// Where it answers `/healthz`, `/readyz` and `/metrics` alone; empty where it does not, and for versions before that.
    #[serde(default)]
    pub health_address: String,
    /// The parts it plays.
    pub roles: Vec<Role>,
    /// The groups that targets may name.
    pub groups: Vec<String>,
    /// The labels that targets may name.
    pub labels: BTreeMap<String, String>,
    /// The version of its executable.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// How many runs it executes at a time; 0 without the role executor (versions before this said something else).
    pub capacity: u32,
    /// Whether it takes work.
    pub state: Availability,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether its executor waits for leave to begin a run where the assignment asks for that; versions before that begin
    /// at once whatever is asked.
    #[serde(default)]
    pub waits_for_leave: bool,
    /// Since when its record has stood in the register without a break; the register writes it. Absent where there are no
    /// leases, and for versions before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_at: Option<Timestamp>,
}

impl Member {
    /// Whether it plays `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The members alive at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows with every change: the epochs of partitions are taken from it.
    pub revision: i64,
    /// Ordered by name.
    pub members: Arc<Vec<Member>>,
}

/// The register of living nodes.
#[async_trait]
pub trait Membership: Send + Sync + Debug {
    /// Registers this node, or replaces what it said of itself. It stays registered for as long as the process renews
    /// its lease, which the implementation does by itself.
    ///
    /// # Errors
    /// When the register cannot be reached, or another living process has the name.
    async fn join(&self, member: Member) -> Result<(), Error>;

    /// Takes this node out at once, so that others need not wait for its lease to end.
    ///
    /// # Errors
    /// When the register cannot be reached; the lease ends by itself then.
    async fn leave(&self) -> Result<(), Error>;

    /// Acts for this node no more, without taking it out: its successor on this host takes the record over under a lease of
    /// its own. If none does, the record goes with the lease, which is renewed no more.
    async fn retire(&self) {}

    /// Says on a node's behalf whether it takes work: its record says so from then on, also when it has to be
    /// registered anew, until somebody says otherwise. False when no such node is registered.
    ///
    /// # Errors
    /// When the register cannot be reached.
    async fn set_state(&self, name: &NodeName, state: Availability) -> Result<bool, Error>;

    /// The members as last heard of.
    fn snapshot(&self) -> Snapshot;

    /// Waits until the snapshot is newer than `revision`, then returns it.
    async fn changed(&self, revision: i64) -> Snapshot;

    /// Whether this node may act for the partitions it owns: false from the moment its lease may have ended elsewhere.
    fn holds_lease(&self) -> bool;

    /// The number of the lease that this node holds: another one whenever it was registered anew after its lease had
    /// ended, `None` while it holds none. An executor starts nothing that it took under another lease, since that may
    /// have gone elsewhere meanwhile.
    fn lease(&self) -> Option<u64> {
        self.holds_lease().then_some(0)
    }

    /// How the service behind it is.
    fn health(&self) -> Health {
        Health::local(Service::Membership)
    }
}

/// The register refused or did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// It did not answer.
    #[error("the membership register did not answer: {reason}")]
    Unreachable {
        /// What the driver said.
        reason: String,
    },
    /// Another living process has the name.
    #[error("node name: `{name}` is taken by a living node at `{address}`; start this one with another `--name`")]
    NameTaken {
        /// The name asked for.
        name: NodeName,
        /// Who has it.
        address: String,
    },
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
