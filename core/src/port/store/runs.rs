//! Runs: made once, recorded once.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use crate::audit::Entry;
use crate::id::{Epoch, NodeName, Partition, RunId};
use crate::job::{JobName, Params};
use crate::run::{Outcome, Run, State};
use crate::time::Timestamp;

/// Everything that one step of creation makes durable together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Creation {
    /// The rows: waiting ones, such as wait at a node chosen already, and answers given at once (missed).
    pub runs: Vec<Run>,
    /// The partitions whose watermark moves, each with the caller's epoch. Rows of partitions not named here are
    /// written all the same (manual runs).
    pub advances: Vec<Advance>,
    /// What people may want to be told of these rows; of a row that is there already, nothing. Whoever writes the rows
    /// adds it: it is not sent.
    #[serde(skip)]
    pub events: Vec<crate::alert::Event>,
}

impl Creation {
    /// Takes out what is of a partition.
    pub fn leave_out(&mut self, partition: Partition) {
        self.runs.retain(|run| run.job.partition() != partition);
        self.advances.retain(|advance| advance.partition != partition);
        self.events.retain(|event| !is_of(event, partition));
    }
}

impl Recording {
    /// Takes out what is of a partition.
    pub fn leave_out(&mut self, partition: Partition) {
        self.fences.retain(|fence| fence.partition != partition);
        self.updates.retain(|update| update.run.job.partition() != partition);
        self.events.retain(|event| !is_of(event, partition));
    }
}

fn is_of(event: &crate::alert::Event, partition: Partition) -> bool {
    event.subject.job().is_some_and(|job| job.id.partition() == partition)
}

/// Every slot of `partition` due at or before `watermark` has its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advance {
    /// Which partition.
    pub partition: Partition,
    /// The owner's epoch: refused unless it is the one in force.
    pub epoch: Epoch,
    /// Never moves back: an older one leaves the stored one as it is.
    pub watermark: Timestamp,
}

/// What came of a [`Creation`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Created {
    /// The rows that were there already, as they are now, by id: usually none. The caller goes on with what they say.
    pub existing: Vec<Run>,
}

/// A partition taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which partition.
    pub partition: Partition,
    /// The new owner's epoch, larger than every earlier one.
    pub epoch: Epoch,
    /// Up to where its slots were created; [`Timestamp::EPOCH`] when nobody ever owned it.
    pub watermark: Timestamp,
}

/// A row as it shall be, if it still is in the state it was in when the caller last wrote or read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The state the row must be in.
    pub from: State,
    /// The row as it shall be; what is over stays over, which is the caller's to see to. What says which run it is (job,
    /// revision, due instant, trigger, attempt, shard, params, when it was created) is as it was when the row was made,
    /// whatever stands here.
    pub run: Run,
    /// A new row that follows from this update: the next attempt. It is made only if the update applies, and one that
    /// exists already is left as it is.
    pub next_attempt: Option<Box<Run>>,
}

/// Who may write: refused unless this epoch of the partition is the one in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Which partition.
    pub partition: Partition,
    /// The epoch under which the caller acts for it.
    pub epoch: Epoch,
}

/// Outcomes and what follows from them, made durable together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The partitions that the caller acts for. They are checked in the same transaction, in a way that no claim can
    /// come in between: once a partition is claimed anew, nothing is recorded for its former owner any more.
    pub fences: Vec<Fence>,
    /// Rows that move on; several updates of one row build on each other in this order. A row that is not there (any
    /// more) is passed over.
    pub updates: Vec<Update>,
    /// What people may want to be told of these rows; of a row whose update did not apply, nothing.
    pub events: Vec<crate::alert::Event>,
}

/// What came of a [`Recording`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The updates that did not apply, because the row was in another state: usually none. Each as the row is now, by
    /// id.
    /// The first durable answer stands.
    pub conflicts: Vec<Run>,
}

/// What came to be known of a run after its answer was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which run.
    pub run: RunId,
    /// What, for people.
    pub text: String,
}

impl Note {
    /// The longest text that is kept, in characters.
    const LONGEST: usize = 2_000;

    /// An outcome that came when the run had been given up as lost.
    #[must_use]
    pub fn late(run: RunId, node: &NodeName, outcome: &Outcome) -> Self {
        let started = outcome.started_at.map(|at| format!(" started at {at},")).unwrap_or_default();
        let exit = outcome.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
        let signal = outcome.signal.map(|signal| format!(", signal {signal}")).unwrap_or_default();
        let reason = if outcome.reason.is_empty() { String::new() } else { format!(": {}", outcome.reason) };
        let (state, ended_at) = (outcome.ending.state(), outcome.ended_at);
        let text = format!("`{node}` told later:{started} {state} at {ended_at}{exit}{signal}{reason}");
        // Not every store can keep a NUL.
        let text = text.chars().take(Self::LONGEST).map(|letter| if letter == '\0' { '\u{fffd}' } else { letter });
        Self { run, text: text.collect() }
    }
}

/// A run asked for by a person or a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The row to make.
    pub run: Run,
    /// The same key gives the same run, for as long as the run is kept. It stands for one job, by id or name, and one set
    /// of params.
    pub idempotency_key: Option<String>,
    /// What the audit trail says of it, written with the row if that is made.
    pub record: Option<Entry>,
}

impl Submission {
    /// Answers with the run that its key has, if that is a run of what is asked for: the same answer in every store.
    /// `wanted` and `has` are the names of the jobs, deleted or not, of the submission and of the run: one that was
    /// removed and made again is the same to whoever submits by name.
    ///
    /// # Errors
    /// `KeyTaken` when it is a run of something else.
    pub fn answered_by(&self, found: Run, wanted: Option<&JobName>, has: Option<&JobName>) -> Result<Submitted> {
        let is_same_job = found.job == self.run.job || (wanted.is_some() && wanted == has);
        if is_same_job && self.has_params_of(&found) {
            return Ok(Submitted { run: found, created: false });
        }
        Err(Error::KeyTaken {
            key: self.idempotency_key.clone().unwrap_or_default(),
            run: found.id,
            job: has.map_or_else(|| found.job.to_string(), ToString::to_string),
            other_params: is_same_job,
        })
    }

    /// Whether the run that its key has is plainly what is asked for, without a look at the names of jobs.
    #[must_use]
    pub fn is_for(&self, found: &Run) -> bool {
        found.job == self.run.job && self.has_params_of(found)
    }

    fn has_params_of(&self, found: &Run) -> bool {
        let none = Params::new();
        self.run.params.as_deref().unwrap_or(&none) == found.params.as_deref().unwrap_or(&none)
    }
}

/// What came of a [`Submission`].
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// The run of this key.
    pub run: Run,
    /// Whether this call made it.
    pub created: bool,
}

/// What may be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Ended runs due before this instant.
    pub before: Timestamp,
    /// Ended runs of one job beyond its newest this many ended ones; 0 keeps all.
    pub per_job: u32,
    /// At most this many rows in one call, so that a large backlog does not hold up the rest.
    pub limit: usize,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many rows.
    pub runs: usize,
    /// Whether the limit ended it: call again soon.
    pub more: bool,
}

/// Creation, recording, housekeeping.
#[async_trait]
pub trait Runs: Send + Sync + Debug {
    /// Takes partitions over: each gets an epoch larger than its last and no smaller than `at_least`.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn claim_partitions(&self, partitions: &[Partition], owner: &NodeName, at_least: Epoch)
    -> Result<Vec<Claim>>;

    /// Creates rows and moves watermarks, in one transaction. A row whose id exists stays as it is and is reported.
    ///
    /// # Errors
    /// `Fenced` when any epoch named is not in force: nothing was written. `Unavailable`.
    async fn create(&self, creation: &Creation) -> Result<Created>;

    /// Moves rows on and adds the next attempts, in one transaction.
    ///
    /// # Errors
    /// `Fenced` when any epoch named is not in force: nothing was written. `Unavailable`.
    async fn record(&self, recording: &Recording) -> Result<Recorded>;

    /// Adds to runs that are over what came to be known since. The first note of a run stands; runs that are not there, or
    /// not over, are passed over.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn note(&self, notes: &[Note]) -> Result<()>;

    /// Makes one run that was asked for, or finds the one that its key already has ([`Submission::answered_by`]).
    ///
    /// # Errors
    /// `KeyTaken` when its key has a run of something else, `NoSuchJob` when its job was deleted, `Unavailable`.
    async fn submit(&self, submission: &Submission) -> Result<Submitted>;

    /// The runs that are not over, in order of id after `after`, at most `limit`; of these partitions only.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn unfinished(&self, partitions: &[Partition], after: Option<RunId>, limit: usize) -> Result<Vec<Run>>;

    /// The rows of these runs that are there, in no order.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn find(&self, runs: &[RunId]) -> Result<Vec<Run>>;

    /// How many runs each node executes, among the oldest `among` that are not over; nodes with none are left out.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn executing(&self, among: usize) -> Result<BTreeMap<NodeName, u32>>;

    /// Forgets old ended runs, oldest first. Runs that are not over are never forgotten.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune(&self, retention: Retention) -> Result<Pruned>;
}
