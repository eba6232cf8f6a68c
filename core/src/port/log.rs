//! What runs print: ordered chunks, each with its time and stream, kept until retention removes them.

use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::RunId;
use crate::job::JobName;
use crate::time::Timestamp;

/// Where a chunk came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Its place among the run's chunks, from 0, without holes except where the middle was left out.
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

/// What a log belongs to: enough to find its file again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Which run; its due instant gives the day.
    pub run: RunId,
    /// The name of its job at the time.
    pub job: JobName,
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

    /// Waits until the log has chunks from `from` on or is closed.
    async fn wait(&self, subject: &Subject, from: u64);

    /// Removes the logs of runs due before `before`; returns how many.
    ///
    /// # Errors
    /// When the place they are in cannot be listed.
    async fn prune(&self, before: Timestamp) -> Result<u64, Error>;
}

/// The writing end of one run's log.
#[async_trait]
pub trait Writer: Send + Debug {
    /// Appends chunks in order. Readers that wait are woken.
    ///
    /// # Errors
    /// When they cannot be written.
    async fn append(&mut self, chunks: &[Chunk]) -> Result<(), Error>;

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
        "run {run} has no log on this node: it printed nothing, it ran on another node (`cronbus run show` names it; its \
         data directory has the log), or retention removed it"
    )]
    NotFound {
        /// Which run.
        run: RunId,
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
        matches!(self, Self::Io { .. })
    }
}
