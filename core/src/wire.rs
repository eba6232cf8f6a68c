//! What dispatchers and executors say to each other.
//!
//! Inside one process these values are passed as they are (jobs are shared, not copied); between hosts an adapter
//! encodes them. All of them carry batches, and all may arrive twice.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{Attempt, NodeName, RunId, Shard};
use crate::job::{Job, Params};
use crate::run::Outcome;
use crate::time::Timestamp;

/// One run handed to one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which run.
    pub run: RunId,
    /// The job at the revision the run is pinned to: what to execute and under which rules.
    pub job: Arc<Job>,
    /// When its slot was due.
    pub due_at: Timestamp,
    /// Which try it is.
    pub attempt: Attempt,
    /// Which of the slot's runs.
    pub shard: Shard,
    /// How many runs the slot has.
    pub shards: u32,
    /// Values that stand before the job's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Arc<Params>>,
    /// It may not be started after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_by: Option<Timestamp>,
    /// The node whose dispatcher waits for the outcome.
    pub reply_to: NodeName,
}

/// What an executor has to tell of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// It is in the spool: nobody else may start it.
    Accepted {
        /// Which run.
        run: RunId,
    },
    /// It was not taken, and never will be by this executor: the run may go elsewhere.
    Refused {
        /// Which run.
        run: RunId,
        /// Why, for people.
        reason: String,
        /// Whether its moment to start is past, so that it must not go elsewhere either.
        expired: bool,
    },
    /// It started.
    Started {
        /// Which run.
        run: RunId,
        /// When.
        at: Timestamp,
    },
    /// It ended. Sent again until acknowledged.
    Ended {
        /// Which run.
        run: RunId,
        /// How.
        outcome: Arc<Outcome>,
    },
    /// Everything the executor remembers from its former life has been reported: what it was given then and did not
    /// name, it never had.
    Recovered,
}

/// What a dispatcher asks of an executor, past everything that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// These outcomes are durable: forget them.
    Acknowledge {
        /// Which runs.
        runs: Vec<RunId>,
    },
    /// End this run, or take it out of the queue.
    Kill {
        /// Which run.
        run: RunId,
        /// Who asked and why: it becomes the run's reason.
        reason: String,
    },
    /// Start nothing new (true), or go on (false).
    Hold(bool),
    /// Say again what you remember of these runs, or that you do not know them (as `Refused`).
    Inquire {
        /// Which runs.
        runs: Vec<RunId>,
        /// Who asks.
        reply_to: NodeName,
    },
}

/// One message of the bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Message {
    /// To an executor.
    Assign(Vec<Assignment>),
    /// To an executor, urgently.
    Control(Vec<Control>),
    /// To a dispatcher.
    Reports {
        /// Whose reports.
        node: NodeName,
        /// In the order they happened.
        reports: Vec<Report>,
    },
}
