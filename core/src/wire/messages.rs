//! What dispatchers and executors say to each other.
//!
//! Inside one process these values are passed as they are (jobs are shared, not copied); between hosts an adapter
//! encodes them. All of them carry batches, and all may arrive twice.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{Attempt, NodeName, Partition, RunId, Shard};
use crate::job::{Job, Params};
use crate::port::store::Creation;
use crate::run::{Outcome, Run};
use crate::time::Timestamp;

/// The number of a hand-over, by which answers to an earlier one are told apart.
///
/// Each of a dispatcher's is larger than those before it. They are drawn from its clock, so that a successor's are larger
/// than its predecessor's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handover(pub i64);

/// One run handed to one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which run.
    pub run: RunId,
    /// Which hand-over of it.
    pub handover: Handover,
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
    /// It is handed over ahead of this instant, and may not be started before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// It may be begun only once its dispatcher has said so ([`Control::Begin`]): until then the dispatcher knows that it
    /// was not, whatever becomes of the node.
    #[serde(default)]
    pub on_leave: bool,
    /// The secrets that its job names, sealed for the way ([`crate::secret`]), or why they cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Arc<Handed>>,
}

/// What a run is handed of the secrets that its job names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handed {
    /// Sealed with the key of the way, and bound to the run.
    Sealed(String),
    /// They cannot be had: the run fails for this reason.
    Lacking(String),
}

impl Assignment {
    /// A run of a job as it may be handed over at once, whenever it starts.
    #[must_use]
    pub fn of(run: &Run, job: Arc<Job>) -> Self {
        Self {
            run: run.id,
            handover: Handover::default(),
            job,
            due_at: run.due_at,
            attempt: run.attempt,
            shard: run.shard,
            shards: run.shards,
            params: run.params.clone(),
            start_by: None,
            not_before: None,
            on_leave: false,
            secrets: None,
        }
    }

    /// What the environment of its process says of the run, by name.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("CRONBUS_RUN_ID", self.run.to_string()),
            ("CRONBUS_JOB", self.job.definition.name.to_string()),
            ("CRONBUS_DUE_AT", self.due_at.to_string()),
            ("CRONBUS_ATTEMPT", self.attempt.0.to_string()),
            ("CRONBUS_SHARD_INDEX", self.shard.index().to_string()),
            ("CRONBUS_SHARD_TOTAL", self.shards.to_string()),
        ]
    }

    /// What the dispatcher is told when the run is not taken: it may go elsewhere, unless its moment to start is past.
    #[must_use]
    pub fn refused(&self, reason: impl Into<String>, expired: bool) -> Report {
        Report::Refused { run: self.run, handover: self.handover, reason: reason.into(), expired }
    }
}

/// Assignments of one dispatcher to one node, handed over together.
///
/// The bus may deliver a batch twice, or late. `sequence` lets the executor drop what it has seen; `to_life` lets it
/// refuse what was meant for its former life, of which it answers from its spool instead. Neither needs clocks to agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssignmentBatch {
    /// The node whose dispatcher hands them over, and which is told of them first.
    pub from: NodeName,
    /// When that node started: its numbers begin again with each life.
    pub from_life: Timestamp,
    /// When the receiving node started, as far as the dispatcher knows.
    pub to_life: Timestamp,
    /// 1 for the first batch of this dispatcher's life to this node, then one more each time.
    pub sequence: u64,
    /// When it was sent, by the dispatcher's clock, by which all moments in it are meant. Absent from older versions,
    /// and where both have one clock.
    pub sent_at: Option<Timestamp>,
    /// What to execute.
    pub assignments: Vec<Assignment>,
}

/// What an executor has to tell of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// It is in the spool: nobody else may start it.
    Accepted {
        /// Which run.
        run: RunId,
        /// In which hand-over it came.
        handover: Handover,
    },
    /// It was not taken in this hand-over, and never will be: the run may go elsewhere.
    Refused {
        /// Which run.
        run: RunId,
        /// In which hand-over it came.
        handover: Handover,
        /// Why, for people.
        reason: String,
        /// Whether its moment to start is past, so that it must not go elsewhere either.
        expired: bool,
    },
    /// It is in the spool and has a slot, and waits for leave to begin. Sent again until there is an answer.
    Ready {
        /// Which run.
        run: RunId,
        /// In which hand-over it came.
        handover: Handover,
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
    /// The executor does not know the run, or has forgotten it because its outcome was acknowledged. If it does not
    /// know it, it will never start it, unless it comes in a later hand-over.
    Unknown {
        /// Which run.
        run: RunId,
        /// The last hand-over it refuses.
        upto: Handover,
    },
}

impl Report {
    /// The run it is about.
    #[must_use]
    pub const fn run(&self) -> RunId {
        match self {
            Self::Accepted { run, .. }
            | Self::Refused { run, .. }
            | Self::Ready { run, .. }
            | Self::Started { run, .. }
            | Self::Ended { run, .. }
            | Self::Unknown { run, .. } => *run,
        }
    }
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
    /// These runs may begin, each in the hand-over named and in no other.
    Begin {
        /// Which runs.
        runs: Vec<(RunId, Handover)>,
    },
    /// Give these runs back unless their moment has come, those that wait for leave to begin too. It is answered like an
    /// inquiry, and has the same effect on those you do not know.
    Revoke {
        /// Which runs.
        runs: Vec<RunId>,
        /// The last hand-over to refuse.
        upto: Handover,
        /// Who asks.
        reply_to: NodeName,
    },
    /// Say again what you know of these runs. Those you do not know you refuse for ever, even if an assignment comes
    /// late, unless it comes in a later hand-over.
    Inquire {
        /// Which runs.
        runs: Vec<RunId>,
        /// The last hand-over to refuse.
        upto: Handover,
        /// Who asks.
        reply_to: NodeName,
    },
}

/// Rows that a scheduler planned, on their way to the dispatcher of their partitions. Sent again until [`Durable`]
/// answers.
///
/// Its watermarks name the epochs under which the scheduler lends the partitions. An epoch that the dispatcher has not
/// seen means that they are lent to it anew: it finds out what is not over in them before it goes on. A batch without
/// rows does nothing but lend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DueBatch {
    /// The node whose scheduler planned them, and which is answered.
    pub from: NodeName,
    /// When that node started: its numbers begin again with each life.
    pub from_life: Timestamp,
    /// By which the answer names it.
    pub sequence: u64,
    /// What to make durable.
    pub creation: Arc<Creation>,
}

/// The answer to a [`DueBatch`]: all of it is in the store, but for what was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    /// The life of the scheduler's node that asked.
    pub to_life: Timestamp,
    /// Which batch.
    pub sequence: u64,
    /// The partitions that another node owns: nothing of theirs was written.
    pub fenced: Vec<Partition>,
}

/// What a node asks of the dispatcher of a run's partition. Nothing is promised: who has to be sure asks the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// These rows were made by somebody else: take them in hand.
    TakeUp {
        /// Which runs.
        runs: Vec<RunId>,
        /// Their partition.
        partition: Partition,
    },
    /// End this run, wherever it is.
    Kill {
        /// Which run.
        run: RunId,
        /// Who asked and why: it becomes the run's reason.
        reason: String,
    },
}

/// One message of the bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Message {
    /// To an executor.
    Assign(AssignmentBatch),
    /// To an executor, urgently.
    Control(Vec<Control>),
    /// To a dispatcher.
    Reports {
        /// Whose reports.
        node: NodeName,
        /// In the order they happened.
        reports: Vec<Report>,
    },
    /// To a dispatcher.
    Due(DueBatch),
    /// To a scheduler.
    Durable(Durable),
    /// To a dispatcher.
    Requests(Vec<Request>),
}
