//! Writes a run's output to its log in batches: the first after a moment so short that nobody sees it, later ones after
//! a longer moment, or when enough has come. What a short run prints is written once, together with the log's end. What
//! may still be left out is shown to readers now and then, and written at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::port::Clock;
use cronbus_core::port::log::{Chunk, Error, Stream, Tail, Writer, Written};
use cronbus_core::run::Output;
use cronbus_core::secret::Mask;
use cronbus_core::time::Timestamp;
use tokio::time::Instant;

use super::keeper::{CHUNK_LIMIT, Keeper, Piece};
use crate::log::LEFT_OUT;

/// How long the first output may wait: many runs are over by then.
const FIRST_DELAY: Duration = Duration::from_millis(5);

/// How long later output may wait for more of it.
const BATCH_DELAY: Duration = Duration::from_millis(50);

/// How often the tail is shown at the most.
const SHOW_DELAY: Duration = Duration::from_millis(200);

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
    has_written: bool,
    /// How many left out bytes the log tells of already.
    told_left_out: u64,
    failure: Option<String>,
    mask: Mask,
    /// What may be the beginning of a secret, of each stream.
    held: BTreeMap<Stream, Vec<u8>>,
}

impl Recorder {
    /// Keeps at most `limit` bytes of output, without what `mask` knows.
    pub(in crate::runner) fn new(clock: Arc<dyn Clock>, log: Box<dyn Writer>, limit: u64, mask: Mask) -> Self {
        Self {
            clock,
            log,
            keeper: Keeper::new(limit),
            due_at: None,
            has_written: false,
            told_left_out: 0,
            failure: None,
            mask,
            held: BTreeMap::new(),
        }
    }

    /// Goes on where a log ends: what it has counts as kept.
    pub(in crate::runner) fn resume(clock: Arc<dyn Clock>, log: Box<dyn Writer>, limit: u64, written: Written) -> Self {
        Self {
            keeper: Keeper::behind(limit, written.bytes, written.left_out, written.next),
            has_written: written.next > 0,
            told_left_out: written.left_out,
            ..Self::new(clock, if written.is_closed { Box::new(Closed) } else { log }, limit, Mask::default())
        }
    }

    /// Takes what was read.
    pub(in crate::runner) fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.take_dated(self.clock.now(), stream, bytes);
    }

    /// Takes what was read at some moment.
    pub(in crate::runner) fn take_dated(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        if self.mask.is_empty() {
            return self.keep(at, stream, bytes);
        }
        let clean = self.mask.pass(self.held.entry(stream).or_default(), bytes);
        if !clean.is_empty() {
            self.keep(at, stream, &clean);
        }
    }

    /// Of so many bytes that were printed, only so many were told of: nobody has the rest.
    pub(in crate::runner) fn miss_up_to(&mut self, printed: u64, told: u64) {
        if printed > told {
            self.miss(printed - told);
        }
    }

    /// So many bytes came, and nobody has them.
    pub(in crate::runner) fn miss(&mut self, count: u64) {
        self.keeper.miss(count);
    }

    fn keep(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        self.keeper.push(at, stream, bytes);
        let waiting = self.keeper.head_bytes();
        let delay = match waiting {
            0 if !self.keeper.has_news() => return,
            0 => SHOW_DELAY,
            _ if waiting >= BATCH_BYTES => Duration::ZERO,
            _ if self.has_written => BATCH_DELAY,
            _ => FIRST_DELAY,
        };
        let due_at = Instant::now() + delay;
        self.due_at = Some(self.due_at.map_or(due_at, |earlier| earlier.min(due_at)));
    }

    /// When what waits must be written; `None` when nothing waits.
    pub(in crate::runner) fn due_at(&self) -> Option<std::time::Instant> {
        self.due_at.map(Instant::into_std)
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

    /// Writes what waits, and shows what may still be left out.
    pub(in crate::runner) async fn flush(&mut self) {
        self.due_at = None;
        let pieces = self.keeper.take_head();
        self.write(pieces).await;
        if self.keeper.has_news() && self.failure.is_none() {
            self.show();
        }
    }

    fn show(&mut self) {
        let (oldest, news) = self.keeper.show_tail();
        let untold = self.keeper.left_out() - self.told_left_out;
        let mark = self.keeper.mark().filter(|_| untold > 0);
        let mark = mark.map(|place| self.line(place, &format!("{untold} bytes of output are left out here so far")));
        self.log.show(Tail { oldest, chunks: mark.into_iter().chain(news).map(chunk).collect() });
    }

    /// Writes a line of cronbus itself, after everything that came before. It does not count as output.
    pub(in crate::runner) async fn note(&mut self, text: &str) {
        let text = &if self.mask.is_empty() { text.to_owned() } else { self.mask.text(text) };
        let mut pieces = self.pending();
        let place = self.keeper.number();
        pieces.push(self.line(place, text));
        self.write(pieces).await;
    }

    /// Writes what is left and closes the log. The second value says why output could not be kept.
    pub(in crate::runner) async fn finish(mut self) -> (Output, Option<String>) {
        for (stream, mut held) in std::mem::take(&mut self.held) {
            let clean = self.mask.rest(&mut held);
            if !clean.is_empty() {
                self.keep(self.clock.now(), stream, &clean);
            }
        }
        let pieces = if self.failure.is_some() { Vec::new() } else { self.pending() };
        let chunks: Vec<Chunk> = pieces.into_iter().map(chunk).collect();
        if let Err(error) = self.log.finish(&chunks).await {
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
            let place = self.keeper.mark().unwrap_or_else(|| self.keeper.number());
            pieces.push(self.line(place, &format!("{untold}{}", LEFT_OUT.trim_end())));
            self.told_left_out = left_out;
        }
        pieces.extend(self.keeper.take_tail());
        pieces
    }

    fn line(&self, sequence: u64, text: &str) -> Piece {
        let mut bytes = text.as_bytes().to_vec();
        bytes.truncate(CHUNK_LIMIT - 1);
        bytes.push(b'\n');
        Piece { sequence, at: self.clock.now(), stream: Stream::System, bytes }
    }

    /// After a failure nothing more is written: a log with a hole that nobody knows of is worse than a short one.
    async fn write(&mut self, pieces: Vec<Piece>) {
        if pieces.is_empty() || self.failure.is_some() {
            return;
        }
        self.has_written = true;
        let chunks: Vec<Chunk> = pieces.into_iter().map(chunk).collect();
        if let Err(error) = self.log.append(&chunks).await {
            self.failure = Some(error.to_string());
        }
    }
}

/// In place of a log that had its end already: what comes after it was said before.
#[derive(Debug)]
struct Closed;

#[async_trait]
impl Writer for Closed {
    async fn append(&mut self, _: &[Chunk]) -> Result<(), Error> {
        Ok(())
    }

    async fn close(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn chunk(piece: Piece) -> Chunk {
    let Piece { sequence, at, stream, bytes } = piece;
    Chunk { sequence, at, stream, bytes }
}
