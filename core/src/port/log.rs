//! What runs print: ordered chunks, each with its time and stream, kept until retention removes them.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{NodeName, RunId};
use crate::job::{JobName, LogKeep};
use crate::time::Timestamp;

/// Where a chunk came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// The run's standard output, or an HTTP response's body.
    Stdout,
    /// The run's standard error.
    Stderr,
    /// What cronbus itself says of the run: the status line of a response, a truncation, a kill.
    System,
}

/// A piece of output as it was read: any bytes, not necessarily whole lines or UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Its place among the run's chunks, from 0. Numbers are missing where output was left out, or might have been.
    pub sequence: u64,
    /// When it was read.
    pub at: Timestamp,
    /// Where it came from.
    pub stream: Stream,
    /// The bytes.
    #[serde(with = "serde_bytes_as_text")]
    pub bytes: Vec<u8>,
}

/// Bytes in documents: UTF-8 where they are, with U+FFFD where they are not.
mod serde_bytes_as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(deserializer).map(String::into_bytes)
    }
}

/// What a log belongs to: enough to find it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Which run; its due instant gives the day.
    pub run: RunId,
    /// The name of its job at the time.
    pub job: JobName,
    /// The node that executes or executed it, where a reader knows that: it has what is nowhere else yet.
    pub node: Option<NodeName>,
}

/// A part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// In order of sequence.
    pub chunks: Vec<Chunk>,
    /// Ask for the next part from this sequence on.
    pub next: u64,
    /// Whether the log is closed and nothing comes after `next`.
    pub complete: bool,
    /// Why there may be more than can be read now.
    pub lack: Option<Lack>,
}

/// Why a log ends before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// What follows is on its host alone, and that does not say it.
    #[error("what follows is on the host {node}, which does not answer: it is shown once that host is back")]
    HostAway {
        /// Which host.
        node: NodeName,
    },
    /// Its host has no more of it either, and it was never closed.
    #[error("the log was not brought to its end, and the host {node} has no more of it")]
    Lost {
        /// Which host.
        node: NodeName,
    },
}

/// What is known of the end of a log while it is written: its newest chunks, which are not kept yet since newer ones may
/// take their place. Readers are shown them behind what was appended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// What was shown before and has a lower number is shown no more.
    pub oldest: u64,
    /// What is shown from now on, too.
    pub chunks: Vec<Chunk>,
}

/// Keeps what runs print.
#[async_trait]
pub trait Log: Send + Sync + Debug {
    /// Starts a run's log, or goes on with it.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, Error>;

    /// The chunks from `from` on, at most about `limit_bytes` of them (at least one chunk if there is any).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the run printed nothing or its log was removed.
    async fn read(&self, subject: &Subject, from: u64, limit_bytes: usize) -> Result<Excerpt, Error>;

    /// Waits until the log has chunks from `from` on or is closed. It may return before; whoever waits reads, and waits
    /// again.
    async fn wait(&self, subject: &Subject, from: u64);

    /// Notes how long logs of a job are kept here, from its next sweep on. What keeps them for as long as it is told with
    /// each sweep may do nothing.
    ///
    /// # Errors
    /// When it cannot be noted.
    async fn keep(&self, _job: &JobName, _rule: LogKeep) -> Result<(), Error> {
        Ok(())
    }

    /// Removes the logs of runs that were due longer than `age` before `now`, or than their job says; returns how many.
    ///
    /// # Errors
    /// When the place they are in cannot be listed.
    async fn prune(&self, now: Timestamp, age: Duration) -> Result<u64, Error>;
}

/// How far a log has come that is gone on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many bytes of output it has.
    pub bytes: u64,
    /// How many it says were left out.
    pub left_out: u64,
    /// The sequence after its last chunk.
    pub next: u64,
    /// Whether it was closed.
    pub is_closed: bool,
}

/// The writing end of one run's log.
#[async_trait]
pub trait Writer: Send + Debug {
    /// Appends chunks in order. Readers that wait are woken.
    ///
    /// # Errors
    /// When they cannot be written.
    async fn append(&mut self, chunks: &[Chunk]) -> Result<(), Error>;

    /// How far it had come when it was opened.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn written(&mut self) -> Result<Written, Error> {
        Ok(Written::default())
    }

    /// Shows what the log would end with, were it closed now. Nothing of it is kept before it is appended.
    fn show(&mut self, _tail: Tail) {}

    /// Says that nothing more comes.
    ///
    /// # Errors
    /// When that cannot be written.
    async fn close(&mut self) -> Result<(), Error>;

    /// Appends the last chunks, if there are any, and closes the log, also when they cannot be written.
    ///
    /// # Errors
    /// When something cannot be written.
    async fn finish(&mut self, chunks: &[Chunk]) -> Result<(), Error> {
        let appended = if chunks.is_empty() { Ok(()) } else { self.append(chunks).await };
        self.close().await.and(appended)
    }
}

/// The log could not be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error(
        "run {run} has no log: it printed nothing, or what it printed was removed by retention (retention.log_age on its \
         host, bus.log_max_age and bus.log_max_bytes on the bus)"
    )]
    NotFound {
        /// Which run.
        run: RunId,
    },
    /// Nobody who can be asked has it, but its host may.
    #[error(
        "the log of run {run} is not on the bus: it was not sent there yet, or was removed there (bus.log_max_age, \
         bus.log_max_bytes); the host {node}, which may have it, does not answer"
    )]
    HostAway {
        /// Which run.
        run: RunId,
        /// Which host.
        node: NodeName,
    },
    /// The bus that has it does not answer.
    #[error("the log of run {run} cannot be read now: {reason}")]
    Unreachable {
        /// Which run.
        run: RunId,
        /// What was said.
        reason: String,
    },
    /// The system refused.
    #[error("the log {path} could not be used: {reason}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !matches!(self, Self::NotFound { .. })
    }
}
