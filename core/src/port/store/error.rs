//! What a store may answer instead of doing what it was asked.

use crate::id::{Epoch, JobId, Partition, Revision, RunId};

/// A store's answer.
pub type Result<T> = std::result::Result<T, Error>;

/// The store refused or did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It did not answer, or the outcome of the commit is not known. Nothing may be dispatched on the strength of it.
    #[error("the database did not answer while cronbus tried to {what}: {reason}")]
    Unavailable {
        /// What was tried.
        what: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// It is there and does not let this node do it: a password, a right or a certificate is missing or wrong. Nothing
    /// was written, and what is in hand is worth keeping: somebody will mend that.
    #[error("the database refused this node while cronbus tried to {what}: {reason}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// Someone newer owns the partition: nothing of the batch was written.
    #[error("partition {} has a newer owner: epoch {} was refused, {} is in force", partition.0, used.0, current.0)]
    Fenced {
        /// Which partition.
        partition: Partition,
        /// The epoch the caller used.
        used: Epoch,
        /// The epoch in force.
        current: Epoch,
    },
    /// Another node looks after the alerts: nothing was written.
    #[error("another node looks after the alerts: epoch {} was refused, {} is in force", used.0, current.0)]
    Superseded {
        /// The epoch the caller used.
        used: Epoch,
        /// The epoch in force.
        current: Epoch,
    },
    /// Another job has the name.
    #[error("name: `{name}` is the name of job {taken_by} already; choose another, or edit that job")]
    NameTaken {
        /// The name.
        name: String,
        /// Who has it.
        taken_by: JobId,
    },
    /// There is no such job.
    #[error("job: there is no job `{job}`")]
    NoSuchJob {
        /// The id or name asked for.
        job: String,
    },
    /// The idempotency key has a run of something else: nothing was written.
    #[error(
        "idempotency_key: `{key}` is the key of run {run}, which is of job `{job}`{params}; send the same again to get \
         that run, or choose another key",
        params = if *.other_params { " with other params" } else { "" }
    )]
    KeyTaken {
        /// The key.
        key: String,
        /// The run it made.
        run: RunId,
        /// The name of that run's job; its id where it has none any more.
        job: String,
        /// Whether the job is the same and only the params are others.
        other_params: bool,
    },
    /// The job was changed since the caller read it: nothing was written.
    #[error(
        "revision: job {job} is at revision {}, not {}: someone changed it meanwhile; read it again",
        current.0,
        expected.0
    )]
    RevisionConflict {
        /// Which job.
        job: JobId,
        /// What the caller expected.
        expected: Revision,
        /// What it is.
        current: Revision,
    },
    /// A row holds something this version cannot read.
    #[error("the database holds something this version cannot read: {what}")]
    Damaged {
        /// Where and what.
        what: String,
    },
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Refused { .. })
    }
}
