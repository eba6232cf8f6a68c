//! What an executor must not forget when it is killed: which runs it took, which processes it started, which outcomes
//! nobody has recorded yet.
//!
//! ```text
//!   accepted ──▶ starting ──▶ started (pid) ──▶ ended (outcome) ──▶ acknowledged: forgotten
//! ```
//!
//! That a run is about to start is in the spool before it starts: that is what makes "at most once per attempt" hold
//! through a `kill -9`. What was only accepted may still go elsewhere. What has no effect outside (`noop`) need not be
//! accepted, only ended. An outcome stays until the recorder has acknowledged it.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{JobId, RunId};
use crate::run::Outcome;
use crate::time::Timestamp;

/// One line of the spool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The executor took the run; from here on only it may start it.
    Accepted {
        /// Which run.
        run: RunId,
        /// Whose run it is: its partition tells which dispatcher waits for the outcome.
        job: JobId,
    },
    /// It is about to be started: from here on nobody may start it again.
    Starting {
        /// Which run.
        run: RunId,
    },
    /// It was started.
    Started {
        /// Which run.
        run: RunId,
        /// When.
        at: Timestamp,
        /// The leader of its process group; absent for what has no process.
        process: Option<Process>,
    },
    /// It ended.
    Ended {
        /// Which run.
        run: RunId,
        /// Whose run it is.
        job: JobId,
        /// How.
        outcome: Arc<Outcome>,
    },
    /// The outcome is durable elsewhere: the run may be forgotten.
    Acknowledged {
        /// Which run.
        run: RunId,
    },
}

impl Entry {
    /// Which run it is about.
    #[must_use]
    pub const fn run(&self) -> RunId {
        match self {
            Self::Accepted { run, .. }
            | Self::Starting { run }
            | Self::Started { run, .. }
            | Self::Ended { run, .. }
            | Self::Acknowledged { run } => *run,
        }
    }
}

/// A process, told apart from a later one with the same number by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number, which is also the number of its group and session.
    pub pid: u32,
    /// Its start time in clock ticks since boot: field 22 of `/proc/<pid>/stat` (proc(5)).
    pub start_ticks: u64,
}

/// What the spool remembers of one run when it is opened again.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// Which run.
    pub run: RunId,
    /// Whose run it is.
    pub job: JobId,
    /// Whether it may have been started.
    pub begun: bool,
    /// When it was started, if that was written.
    pub started_at: Option<Timestamp>,
    /// Its process, if it had one.
    pub process: Option<Process>,
    /// How it ended, if that was written.
    pub outcome: Option<Arc<Outcome>>,
}

impl Remembered {
    const fn new(run: RunId, job: JobId) -> Self {
        Self { run, job, begun: false, started_at: None, process: None, outcome: None }
    }

    /// What is remembered of a run after an entry about it: the meaning of every entry, for all spools.
    ///
    /// Entries may be repeated. The first outcome counts. Of a run that is not known only acceptance and outcome make
    /// sense: everything else says nothing that could be answered for.
    #[must_use]
    pub fn after(known: Option<Self>, entry: &Entry) -> Option<Self> {
        match entry {
            Entry::Accepted { run, job } => known.or_else(|| Some(Self::new(*run, *job))),
            Entry::Starting { .. } => known.map(|known| Self { begun: true, ..known }),
            Entry::Started { at, process, .. } => {
                known.map(|known| Self { begun: true, started_at: Some(*at), process: *process, ..known })
            }
            Entry::Ended { run, job, outcome } => {
                let known = known.unwrap_or_else(|| Self::new(*run, *job));
                Some(Self { begun: true, outcome: known.outcome.or_else(|| Some(Arc::clone(outcome))), ..known })
            }
            Entry::Acknowledged { .. } => None,
        }
    }

    /// The entries that say what is remembered.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let run = self.run;
        let accepted = Entry::Accepted { run, job: self.job };
        let starting = self.begun.then_some(Entry::Starting { run });
        let process = self.process;
        let started = self.started_at.map(|at| Entry::Started { run, at, process });
        let job = self.job;
        let ended = self.outcome.as_ref().map(|outcome| Entry::Ended { run, job, outcome: Arc::clone(outcome) });
        [Some(accepted), starting, started, ended].into_iter().flatten()
    }
}

/// An executor's memory on disk.
#[async_trait]
pub trait Spool: Send + Sync + Debug {
    /// Everything that was not acknowledged when the process ended: called once, before anything is appended. A torn
    /// last entry is left out; what is damaged elsewhere is set aside and told of, never a reason not to start.
    ///
    /// # Errors
    /// When the spool cannot be read at all.
    async fn recover(&self) -> Result<Vec<Remembered>, Error>;

    /// Appends entries, in order, as one write; when it returns they survive the end of the process.
    ///
    /// # Errors
    /// When they could not all be written: none of them may be relied upon then, and no run may start on them.
    async fn append(&self, entries: &[Entry]) -> Result<(), Error>;

    /// Writes nothing any more and lets another process have it: whatever is appended from now on is refused.
    fn retire(&self) {}
}

/// The spool could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the executor's spool {path} could not be used: {reason}. No run is started without it")]
pub struct Error {
    /// Which file.
    pub path: String,
    /// What the system said.
    pub reason: String,
}

impl Error {
    /// Always: a full disk may be emptied.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        true
    }
}
