//! Writes a run's output to its log: in batches, the first at once, later ones after a moment or when enough has come.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::Clock;
use cronbus_core::port::log::{Chunk, Stream, Writer};
use cronbus_core::run::Output;
use tokio::time::Instant;

use super::keeper::{CHUNK_LIMIT, Keeper, Piece};

/// How long output may wait for more of it.
const BATCH_DELAY: Duration = Duration::from_millis(50);

/// What waits is written when it is this much.
const BATCH_BYTES: usize = CHUNK_LIMIT;

/// Between one run and its log.
#[derive(Debug)]
pub(in crate::runner) struct Recorder {
    clock: Arc<dyn Clock>,
    log: Box<dyn Writer>,
    keeper: Keeper,
    /// When what waits must be written.
    due_at: Option<Instant>,
    sequence: u64,
    /// How many left out bytes the log tells of already.
    told_left_out: u64,
    failure: Option<String>,
}

impl Recorder {
    /// Keeps at most `limit` bytes of output.
    pub(in crate::runner) fn new(clock: Arc<dyn Clock>, log: Box<dyn Writer>, limit: u64) -> Self {
        Self { clock, log, keeper: Keeper::new(limit), due_at: None, sequence: 0, told_left_out: 0, failure: None }
    }

    /// Takes what was read.
    pub(in crate::runner) fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.keeper.push(self.clock.now(), stream, bytes);
        let waiting = self.keeper.head_bytes();
        if waiting == 0 {
            return;
        }
        let is_urgent = self.sequence == 0 || waiting >= BATCH_BYTES;
        let now = Instant::now();
        self.due_at = if is_urgent { Some(now) } else { self.due_at.or(Some(now + BATCH_DELAY)) };
    }

    /// Returns when what waits must be written; never, when nothing waits. Cancel safe.
    pub(in crate::runner) fn due(&self) -> impl Future<Output = ()> + use<> {
        let due_at = self.due_at;
        async move {
            match due_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Writes what waits.
    pub(in crate::runner) async fn flush(&mut self) {
        self.due_at = None;
        let pieces = self.keeper.take_head();
        self.write(pieces).await;
    }

    /// Writes a line of cronbus itself, after everything that came before. It does not count as output.
    pub(in crate::runner) async fn note(&mut self, text: &str) {
        let mut pieces = self.pending();
        pieces.push(self.line(text));
        self.write(pieces).await;
    }

    /// Writes what is left and closes the log. The second value says why output could not be kept.
    pub(in crate::runner) async fn finish(mut self) -> (Output, Option<String>) {
        let pieces = self.pending();
        self.write(pieces).await;
        if let Err(error) = self.log.close().await {
            self.failure.get_or_insert(error.to_string());
        }
        (Output { bytes: self.keeper.total(), truncated: self.keeper.left_out() > 0 }, self.failure)
    }

    /// Everything that waits, the tail with it.
    fn pending(&mut self) -> Vec<Piece> {
        self.due_at = None;
        let mut pieces = self.keeper.take_head();
        let left_out = self.keeper.left_out();
        if left_out > self.told_left_out {
            let untold = left_out - self.told_left_out;
            pieces.push(self.line(&format!("{untold} bytes of output are left out here")));
            self.told_left_out = left_out;
        }
        pieces.extend(self.keeper.take_tail());
        pieces
    }

    fn line(&self, text: &str) -> Piece {
        Piece { at: self.clock.now(), stream: Stream::System, bytes: format!("{text}\n").into_bytes() }
    }

    /// After a failure nothing more is written: a log with a hole that nobody knows of is worse than a short one.
    async fn write(&mut self, pieces: Vec<Piece>) {
        if pieces.is_empty() || self.failure.is_some() {
            return;
        }
        let chunks: Vec<Chunk> = (self.sequence..)
            .zip(pieces)
            .map(|(sequence, Piece { at, stream, bytes })| Chunk { sequence, at, stream, bytes })
            .collect();
        self.sequence += chunks.len() as u64;
        if let Err(error) = self.log.append(&chunks).await {
            self.failure = Some(error.to_string());
        }
    }
}
