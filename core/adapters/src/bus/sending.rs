//! Sending: a message is sent when the server says that it has all its parts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use cronbus_core::port::bus::{Address, Error};
use cronbus_core::wire::signing::{OVERHEAD, Stamp, cut};
use cronbus_core::wire::{Message, encoding, subject};
use futures::future::try_join_all;

use super::connect::Shared;
use super::counters::Counters;
use super::streams;

/// How much content one part has at the most. Servers take 1 MiB by default; smaller ones let others through between.
pub(super) const PART: usize = 512 << 10;

/// What a message needs beside its content: its seal and its headers.
const AROUND: usize = OVERHEAD + 512;

/// How long a sender waits for room when too many messages wait for the receiver, and how often it looks.
const ROOM: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(50));

/// One part on its way.
struct Part {
    subject: String,
    id: String,
    sealed: Bytes,
}

impl Shared {
    pub(super) async fn send(self: Arc<Self>, to: Address, message: Message) -> Result<(), Error> {
        let sent = self.try_send(&to, message).await;
        if sent.is_err() {
            Counters::add(&self.counters.failed, 1);
        }
        sent
    }

    async fn try_send(&self, to: &Address, message: Message) -> Result<(), Error> {
        if !self.is_connected() {
            return Err(failed("NATS does not answer"));
        }
        let subject = subject::of(to);
        let content = encoding::encode(&message).map_err(failed)?;
        let size = self.client.max_payload().saturating_sub(AROUND).clamp(1024, PART);
        let pieces = cut(&content, size).ok_or_else(|| {
            failed(format!("the message has {} bytes, more than this bus can carry at a time", content.len()))
        })?;
        let line = self.lines.of(&subject);
        let _turn = if pieces.len() > 1 { Some(line.in_parts.lock().await) } else { None };
        let sequence = line.next();
        let parts = self.sealed(&subject, &message, sequence, &pieces);
        try_join_all(parts.iter().map(|part| self.deliver(part))).await?;
        Ok(())
    }

    fn sealed(&self, subject: &str, message: &Message, sequence: u64, pieces: &[&[u8]]) -> Vec<Part> {
        let trust = self.trust();
        let stamp = Stamp {
            sender: self.options.node.clone(),
            life: self.lines.life,
            sequence,
            expires_at: self.options.clock.now() + trust.message_ttl,
            part: 0,
            parts: u16::try_from(pieces.len()).unwrap_or(u16::MAX),
        };
        let part = |(content, part): (&&[u8], u16)| {
            let stamp = Stamp { part, ..stamp.clone() };
            let sealed = Bytes::from(trust.keys.seal(subject, &stamp, content));
            Part { subject: subject.to_owned(), id: id_of(message, subject, &stamp), sealed }
        };
        pieces.iter().zip(0..).map(part).collect()
    }

    /// Sends a part until the server has it, while there is no room for it only so long.
    async fn deliver(&self, part: &Part) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let error = match self.publish_once(part).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if error.kind() == PublishErrorKind::StreamNotFound {
                self.make_stream(&part.subject).await?;
                return Err(failed(error));
            }
            if !is_full(&error) {
                return Err(failed(error));
            }
            if begun.elapsed() >= ROOM.0 {
                return Err(failed(format!(
                    "too much waits at {} already: its receiver is away or too slow (bus.max_waiting, bus.max_bytes)",
                    part.subject
                )));
            }
            Counters::add(&self.counters.waited, 1);
            tokio::time::sleep(ROOM.1).await;
        }
    }

    async fn publish_once(&self, part: &Part) -> Result<(), PublishError> {
        let closed = |error| PublishError::with_source(PublishErrorKind::Other, error);
        let _permit = self.in_flight.acquire().await.map_err(closed)?;
        let publish = PublishMessage::build().payload(part.sealed.clone()).message_id(&part.id);
        self.context.send_publish(part.subject.clone(), publish).await?.await?;
        Counters::add(&self.counters.published, 1);
        Counters::add(&self.counters.published_bytes, part.sealed.len() as u64);
        Ok(())
    }

    /// Makes the stream of a subject: somebody removed it, or the server was away when this node started.
    pub(super) async fn make_stream(&self, subject: &str) -> Result<(), Error> {
        let stream = self.stream_of(subject).ok_or_else(|| failed(format!("no stream keeps {subject}")))?;
        streams::ensure(&self.context, stream).await.map_err(failed)
    }
}

/// By which the server knows that a message is sent again. A batch of assignments has a number of its own, so that one
/// sent again because nobody knew whether it had arrived is dropped by the server. In parts it is not: each try has
/// parts of its own, which do not fit those of another.
fn id_of(message: &Message, subject: &str, stamp: &Stamp) -> String {
    match message {
        Message::Assign(batch) if stamp.parts == 1 => {
            format!(
                "{}/{}/{subject}/{}/{}",
                batch.from,
                batch.from_life.millis(),
                batch.to_life.millis(),
                batch.sequence
            )
        }
        _ => format!("{}/{}/{subject}/m{}/{}", stamp.sender, stamp.life.millis(), stamp.sequence, stamp.part),
    }
}

fn is_full(error: &PublishError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref());
    source.is_some_and(|known: &async_nats::jetstream::Error| known.error_code() == ErrorCode::STREAM_STORE_FAILED)
}

fn failed(reason: impl ToString) -> Error {
    Error { reason: reason.to_string() }
}
