//! What runs print, in its stream: kept there to be read, by whoever asks, as often as they like.
//!
//! It is signed like everything between hosts, but it does not expire: nobody acts on it.

use std::sync::Arc;

use async_nats::Subscriber;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{DirectGetErrorKind, LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{ErrorCode, context::PublishErrorKind};
use bytes::Bytes;
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::bus::Error;
use cronbus_core::wire::signing::Stamp;
use cronbus_core::wire::subject;

use super::connect::{NatsBus, Shared};
use super::counters::Counters;
use super::judge::reason;
use super::streams;

/// A message of a run's log.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its place in the stream.
    pub(crate) place: u64,
    /// Who sent it and what is in it; `None` where that cannot be believed.
    pub(crate) content: Option<(NodeName, Vec<u8>)>,
}

impl NatsBus {
    /// Whether a server answers.
    pub(crate) fn is_connected(&self) -> bool {
        self.shared.is_connected()
    }

    /// Who this is on the bus.
    pub(crate) fn node(&self) -> &NodeName {
        &self.shared.options.node
    }

    /// Where futures of the bus are at home.
    pub(crate) fn handle(&self) -> &tokio::runtime::Handle {
        &self.shared.handle
    }

    /// Sends a part of a run's log, which begins at this byte of it; the server has it when this returns.
    ///
    /// # Errors
    /// When that is not certain.
    pub(crate) async fn keep(&self, run: RunId, offset: u64, content: &[u8]) -> Result<(), Error> {
        let shared = &self.shared;
        let on = subject::log_of(run);
        let (trust, now) = (shared.trust(), shared.options.clock.now());
        let stamp = Stamp {
            sender: shared.options.node.clone(),
            life: shared.lines.life,
            sequence: offset,
            expires_at: now + trust.message_ttl,
            part: 0,
            parts: 1,
        };
        let sealed = Bytes::from(trust.keys.seal(&on, &stamp, content));
        let length = sealed.len() as u64;
        if sealed.len() > shared.client.max_payload() {
            return Err(failed(format!("a message of {length} bytes is more than NATS lets through (max_payload)")));
        }
        let publish = PublishMessage::build().payload(sealed);
        let sent = shared.context.send_publish(on.clone(), publish).await.map_err(failed)?;
        if let Err(error) = sent.await {
            if error.kind() == PublishErrorKind::StreamNotFound {
                shared.make_stream(&on).await?;
            }
            return Err(failed(error));
        }
        Counters::add(&shared.counters.output, 1);
        Counters::add(&shared.counters.output_bytes, length);
        Ok(())
    }

    /// The first message of a run's log from a place of the stream on, if there is one.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) async fn kept(&self, run: RunId, from: u64) -> Result<Option<Kept>, Error> {
        let on = subject::log_of(run);
        let found = self.shared.output().await?.direct_get_next_for_subject(on.clone(), Some(from.max(1))).await;
        match found {
            Ok(message) => Ok(Some(self.shared.look_into(&on, message.sequence, &message.payload))),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The last message of a run's log, if there is one.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) async fn last_kept(&self, run: RunId) -> Result<Option<Kept>, Error> {
        let on = subject::log_of(run);
        match self.shared.output().await?.get_last_raw_message_by_subject(&on).await {
            Ok(message) => Ok(Some(self.shared.look_into(&on, message.sequence, &message.payload))),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                LastRawMessageErrorKind::JetStream(known) if known.error_code() == ErrorCode::NO_MESSAGE_FOUND => {
                    Ok(None)
                }
                _ => Err(failed(error)),
            },
        }
    }

    /// Removes a run's log from the stream.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) async fn drop_kept(&self, run: RunId) -> Result<(), Error> {
        let stream = self.shared.output().await?;
        stream.purge().filter(subject::log_of(run)).await.map(|_| ()).map_err(failed)
    }

    /// Hears of what is sent of a run's log from now on.
    ///
    /// # Errors
    /// When the connection is closed.
    pub(crate) async fn hear(&self, run: RunId) -> Result<Subscriber, Error> {
        self.shared.client.subscribe(subject::log_of(run)).await.map_err(failed)
    }
}

impl Shared {
    async fn output(&self) -> Result<Stream<()>, Error> {
        if !self.is_connected() {
            return Err(failed("NATS does not answer"));
        }
        self.context.get_stream_no_info(streams::keeping(subject::LOG)).await.map_err(failed)
    }

    fn look_into(self: &Arc<Self>, on: &str, place: u64, payload: &[u8]) -> Kept {
        let content = match self.trust().keys.open_kept(on, payload) {
            Ok(opened) => Some((opened.stamp.sender, opened.content.to_vec())),
            Err(refusal) => {
                self.refuse(on, &reason(refusal), payload);
                None
            }
        };
        Kept { place, content }
    }
}

fn failed(reason: impl ToString) -> Error {
    Error { reason: reason.to_string() }
}
