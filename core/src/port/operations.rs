//! What a running node does for those who ask it: the web, the signals, the tests. The only port that points inwards:
//! the actors implement it, the surfaces use it. What can be answered from the store alone is not here.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::health::{Health as ServiceHealth, Service};
use super::membership::{self, Availability, Member};
use super::store;
use crate::audit::Trail;
use crate::id::{JobId, NodeName, RunId};
use crate::job::{Job, Params};
use crate::port::store::{Submitted, Write};
use crate::run::{State, Trigger};
use crate::time::Timestamp;

/// A node at work.
#[async_trait]
pub trait Operations: Send + Sync + Debug {
    /// Changes jobs in the store, with entries in the audit trail, and makes this node notice at once.
    ///
    /// # Errors
    /// As [`super::store::Audit::write_jobs_on_record`].
    async fn write_jobs(&self, writes: Vec<Write>, trail: &Trail) -> store::Result<Vec<Arc<Job>>>;

    /// Makes a run of a job now, durable when this returns.
    ///
    /// # Errors
    /// As [`super::store::Runs::submit`].
    async fn submit(&self, request: Request) -> store::Result<Submitted>;

    /// Ends a run wherever it is. Returns false when it was over already or nobody knows it.
    ///
    /// # Errors
    /// When the store or the bus cannot be reached.
    async fn kill(&self, run: RunId, by: &str) -> store::Result<bool>;

    /// Makes this node's executor start nothing new (true) or go on (false). What runs is left alone.
    async fn hold(&self, hold: bool);

    /// Makes a node take no new work (draining), or take it again. What it runs is left alone. False when no living node
    /// has the name.
    ///
    /// # Errors
    /// When the register of members cannot be reached.
    async fn set_state(&self, node: &NodeName, state: Availability) -> Result<bool, membership::Error>;

    /// The living nodes.
    async fn members(&self) -> Vec<NodeStatus>;

    /// The living nodes without what they execute, which costs a look around.
    async fn roster(&self) -> Vec<Member> {
        self.members().await.into_iter().map(|status| status.member).collect()
    }

    /// What the monitor knows of a job.
    async fn job_status(&self, job: JobId) -> store::Result<JobStatus>;

    /// How the node is.
    async fn health(&self) -> Health;

    /// The actors' state, for people and metrics.
    fn actors(&self) -> Vec<ActorStatus>;

    /// Names the actors that live and do not come to what they are sent within `patience`: they, or their threads, hang.
    /// One that has ended is not among them, since the node ends with it.
    async fn hanging(&self, patience: Duration) -> Vec<String>;

    /// Stops firing, waits for what runs up to `limit`, records it, and ends the actors.
    async fn shut_down(&self, limit: Duration) -> Shutdown;

    /// Stops firing and ends the actors for a successor on this host, which goes on where they were. What runs is left
    /// alone: under shims, or in this process, which tells the successor how it ends. This node stays registered. What only
    /// needs the store is done for those who ask also afterwards.
    async fn hand_over(&self);
}

/// A run asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The job at the revision to run.
    pub job: Arc<Job>,
    /// Values that stand before the job's own.
    pub params: Params,
    /// The same key gives the same run.
    pub idempotency_key: Option<String>,
    /// By hand, or submitted.
    pub trigger: Trigger,
    /// Who asks, and when.
    pub trail: Trail,
}

/// A node as listings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// What it says of itself.
    #[serde(flatten)]
    pub member: Member,
    /// How many runs it executes now, as far as this node knows.
    pub running: u32,
}

/// How a job is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobStatus {
    /// When it is due next; absent when it is not.
    pub next_at: Option<Timestamp>,
    /// Its newest run.
    pub last_run: Option<RunId>,
    /// When that was due.
    pub last_at: Option<Timestamp>,
    /// How that is or ended.
    pub last_state: Option<State>,
    /// How many of its runs are not over.
    pub unfinished: u32,
    /// How many ended otherwise than well since the last success, among its newest runs.
    pub consecutive_failures: u32,
    /// How many of its newest runs were looked at for the figures below.
    pub looked_at: u32,
    /// How many of those were missed.
    pub missed: u32,
    /// How many of those started later than `monitor.late_after`.
    pub late: u32,
    /// The median duration of those that succeeded, in milliseconds.
    pub p50_ms: Option<u64>,
    /// The 95th percentile of the same.
    pub p95_ms: Option<u64>,
}

/// How a node is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Whether it does everything it is there for, if more slowly.
    pub ready: bool,
    /// Its name.
    pub node: NodeName,
    /// One line for each part: `ok`, or what is wrong and what it means.
    pub parts: BTreeMap<String, PartHealth>,
}

/// How one part of a node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartHealth {
    /// Whether it works.
    pub ok: bool,
    /// Since when; absent when it has been so since the node started, or was not noted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// What is wrong and what that means, or what it is doing.
    pub detail: String,
}

impl PartHealth {
    /// It works.
    #[must_use]
    pub fn well(detail: impl Into<String>) -> Self {
        Self { ok: true, since: None, detail: detail.into() }
    }

    /// It does not.
    #[must_use]
    pub fn ill(detail: impl Into<String>) -> Self {
        Self { ok: false, since: None, detail: detail.into() }
    }
}

impl From<ServiceHealth> for PartHealth {
    fn from(health: ServiceHealth) -> Self {
        Self { ok: health.is_up(), since: health.since, detail: health.detail }
    }
}

impl Health {
    /// The part that tells how the cluster is, and not this node.
    pub const CLUSTER: &str = "cluster";

    /// Sums the parts up: a node without the guard or the register, as long as it holds its lease, is slower or knows
    /// less, and does everything all the same. So does one in a cluster that lacks others.
    #[must_use]
    pub fn of(node: NodeName, parts: BTreeMap<String, PartHealth>) -> Self {
        let spared = [Service::Guard.as_str(), Service::Membership.as_str(), Self::CLUSTER];
        let ready = parts.iter().all(|(name, part)| part.ok || spared.contains(&name.as_str()));
        Self { ready, node, parts }
    }
}

/// An actor as observers see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActorStatus {
    /// Its name: `scheduler`, `dispatcher`, `executor`, `monitor`.
    pub name: String,
    /// How many messages wait in its mailbox.
    pub queued: u64,
    /// How many its mailbox holds before senders wait.
    pub capacity: u64,
    /// How many it has handled.
    pub handled: u64,
    /// How long handling took in all, in microseconds.
    pub handling_us: u64,
    /// How long senders have waited for room in all, in microseconds.
    pub backpressure_us: u64,
    /// How often it was started again after a panic.
    pub restarts: u64,
    /// Its own figures, by name: counters that only grow, and gauges.
    pub counters: BTreeMap<String, i64>,
}

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shutdown {
    /// How many runs ended by themselves meanwhile.
    pub finished: u32,
    /// How many had to be killed.
    pub killed: u32,
}
