//! Reading a log that another host wrote: from the stream, from its first message; what is not there, from the host.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::bus;
use cronbus_core::port::log::{Chunk, Error, Excerpt, Lack, Stream, Subject};
use futures::StreamExt;

use super::super::reading::put_cut_off;
use super::cursors::{Cursor, Cursors};
use super::host::{self, Asked};
use super::piece::Piece;
use crate::bus::NatsBus;

/// How many messages are read for one excerpt: a stream that somebody filled with rubbish ends nobody's patience.
const MESSAGES: usize = 2_000;

/// How long is waited for news that nobody tells of: while the host holds output back, and otherwise.
const WAIT: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(1));

/// Reads what others wrote.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) bus: Arc<NatsBus>,
    pub(super) cursors: Cursors,
}

/// An excerpt that is being put together.
struct Reading<'subject> {
    subject: &'subject Subject,
    limit: usize,
    cursor: Cursor,
    excerpt: Excerpt,
    bytes: usize,
}

/// Whether there is room for more.
enum Room {
    Left,
    None,
}

impl Reader {
    /// The chunks from `from` on; see [`cronbus_core::port::Log::read`].
    pub(super) async fn read(&self, subject: &Subject, from: u64, limit: usize) -> Result<Excerpt, Error> {
        let cursor = self.cursors.of(subject.run, from);
        let excerpt = Excerpt { next: from, ..Excerpt::default() };
        let mut reading = Reading { subject, limit, cursor, excerpt, bytes: 0 };
        let unreachable = |error: bus::Error| Error::Unreachable { run: subject.run, reason: error.reason };
        let is_exhausted = self.fill(&mut reading).await.map_err(unreachable)?;
        if is_exhausted && reading.cursor.is_at_end() {
            reading.excerpt.complete = true;
        } else if is_exhausted && reading.excerpt.chunks.is_empty() {
            self.ask_host(&mut reading).await?;
        }
        let Reading { cursor, excerpt, .. } = reading;
        self.cursors.keep(subject.run, excerpt.next, cursor);
        Ok(excerpt)
    }

    /// Returns before news may be there; see [`cronbus_core::port::Log::wait`].
    pub(super) async fn wait(&self, subject: &Subject, from: u64) {
        let cursor = self.cursors.of(subject.run, from);
        let news = async {
            // Heard first and looked after that: nothing comes in between.
            let mut heard = self.bus.hear(subject.run).await.ok()?;
            match self.bus.kept(subject.run, cursor.place).await {
                Ok(None) => heard.next().await.map(drop),
                Ok(Some(_)) => Some(()),
                Err(_) => None,
            }
        };
        let longest = if cursor.is_held_back() { WAIT.0 } else { WAIT.1 };
        match tokio::time::timeout(longest, news).await {
            Ok(Some(())) | Err(_) => {}
            Ok(None) => tokio::time::sleep(longest).await,
        }
    }

    /// Takes messages while there is room; whether there are no more for now.
    async fn fill(&self, reading: &mut Reading<'_>) -> Result<bool, bus::Error> {
        for _ in 0..MESSAGES {
            let Some(kept) = self.bus.kept(reading.subject.run, reading.cursor.place).await? else { return Ok(true) };
            if let Some((sender, content)) = kept.content
                && let Some(piece) = Piece::decode(&content)
            {
                if matches!(reading.take(&piece), Room::None) {
                    return Ok(false);
                }
                reading.cursor.sender = Some(sender);
            }
            reading.cursor.place = kept.place + 1;
        }
        Ok(false)
    }

    /// Has the host say what is not in the stream.
    async fn ask_host(&self, reading: &mut Reading<'_>) -> Result<(), Error> {
        let Reading { subject, limit, cursor, excerpt, .. } = reading;
        let host = subject.node.as_ref().or(cursor.sender.as_ref()).filter(|host| *host != self.bus.node());
        let not_found = Error::NotFound { run: subject.run };
        let Some(host) = host.cloned() else {
            return if cursor.flags.is_none() { Err(not_found) } else { Ok(()) };
        };
        match host::ask(&self.bus, &host, subject, excerpt.next, *limit).await {
            Asked::Has(has) => *excerpt = has,
            Asked::HasNot if cursor.flags.is_none() => return Err(not_found),
            Asked::HasNot => excerpt.lack = Some(Lack::Lost { node: host }),
            Asked::Away if cursor.flags.is_none() => {
                return Err(Error::HostAway { run: subject.run, node: host });
            }
            Asked::Away => excerpt.lack = Some(Lack::HostAway { node: host }),
        }
        Ok(())
    }
}

impl Reading<'_> {
    /// Takes what is new of a piece, if there is room for all of that.
    fn take(&mut self, piece: &Piece) -> Room {
        let chunks = piece.chunks();
        if let Some(missing) = piece.offset.checked_sub(self.cursor.offset).filter(|missing| *missing > 0)
            && let Some(first) = chunks.first()
        {
            self.put(gap(missing, first));
        }
        let end = chunks.last().map(|last| (last.sequence.saturating_add(1), last.at));
        for chunk in chunks {
            if chunk.sequence >= self.excerpt.next && self.is_full() {
                return Room::None;
            }
            self.put(chunk);
        }
        if piece.flags.cut_off {
            let (sequence, at) = end.unwrap_or((self.excerpt.next, self.subject.run.due_at()));
            put_cut_off(&mut self.excerpt, sequence, at);
        }
        self.cursor.pass(piece);
        Room::Left
    }

    fn is_full(&self) -> bool {
        self.bytes >= self.limit && !self.excerpt.chunks.is_empty()
    }

    /// Puts a chunk behind the others, unless it came before.
    fn put(&mut self, chunk: Chunk) {
        if chunk.sequence >= self.excerpt.next {
            self.bytes += chunk.bytes.len();
            self.excerpt.next = chunk.sequence.saturating_add(1);
            self.excerpt.chunks.push(chunk);
        }
    }
}

/// Says that something is missing before a chunk.
fn gap(bytes: u64, before: &Chunk) -> Chunk {
    let text = format!(
        "about {bytes} bytes are missing here: the bus does not keep them any more (bus.log_max_age, bus.log_max_bytes)\n"
    );
    Chunk {
        sequence: before.sequence.saturating_sub(1),
        at: before.at,
        stream: Stream::System,
        bytes: text.into_bytes(),
    }
}
