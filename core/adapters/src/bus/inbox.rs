//! The receiving end of an address: a consumer of its own, which takes the place of every earlier one.

use std::sync::Arc;

use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy};
use async_nats::jetstream::stream::{ConsumerError, ConsumerErrorKind};
use async_nats::jetstream::{ErrorCode, stream};
use async_trait::async_trait;
use cronbus_core::port::bus::{Address, Error, Inbox};
use cronbus_core::wire::{Message, subject};
use futures::TryStreamExt;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::connect::Shared;
use super::counters::Counters;
use super::judge::{Delivery, Judge, reason};
use super::line::Line;
use super::pump::Pump;
use super::receipt::Receipt;
use super::streams;

/// How many messages the server sends ahead of their acknowledgement.
pub(super) const AHEAD: usize = 64;

/// How long a message may be held by a receiver before it is sent again.
const HELD: std::time::Duration = std::time::Duration::from_secs(30);

/// How often a place is tried to be taken from others who want it, too.
const TRIES: usize = 5;

/// What was sent to an address.
#[derive(Debug)]
pub(super) struct NatsInbox {
    shared: Arc<Shared>,
    subject: String,
    line: Arc<Line>,
    deliveries: mpsc::Receiver<Delivery>,
    /// Of the message that was handed over last: its receiver has it when it comes back for the next.
    handed_over: Vec<Receipt>,
    pump: AbortHandle,
}

impl Drop for NatsInbox {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

#[async_trait]
impl Inbox for NatsInbox {
    async fn receive(&mut self) -> Option<Message> {
        loop {
            self.shared.acknowledge(std::mem::take(&mut self.handed_over));
            let delivery = self.deliveries.recv().await?;
            self.handed_over = delivery.receipts;
            // Looked at again: a copy may have come right behind it.
            let seen = self.line.seen().check(&delivery.stamp);
            if let Err(refusal) = seen {
                self.shared.pass_over(&self.subject, &reason(refusal), &[], delivery.is_again);
                continue;
            }
            let now = self.shared.options.clock.now();
            self.line.seen().note(&delivery.stamp, now, self.shared.trust().clock_skew);
            Counters::add(&self.shared.counters.received, 1);
            return Some(delivery.message);
        }
    }
}

impl Shared {
    pub(super) async fn receive(self: Arc<Self>, at: Address) -> Result<NatsInbox, Error> {
        let subject = subject::of(&at);
        self.make_stream(&subject).await?;
        let consumer = self.take_place(&subject).await?;
        let line = self.lines.of(&subject);
        // One waits here, so that the next is ready; the others wait at the server.
        let (to, deliveries) = mpsc::channel(1);
        let judge = Judge::new(Arc::clone(&self), subject.clone(), Arc::clone(&line));
        let pump = self.handle.spawn(Pump { shared: Arc::clone(&self), consumer, judge, to }.run()).abort_handle();
        Ok(NatsInbox { shared: self, subject, line, deliveries, handed_over: Vec::new(), pump })
    }

    /// Removes the consumers that the address had, and makes one.
    async fn take_place(&self, subject: &str) -> Result<Consumer<Config>, Error> {
        let stream = self.context.get_stream_no_info(streams::keeping(subject)).await.map_err(failed)?;
        let word = subject.rsplit('.').next().unwrap_or_default();
        let mut last = None;
        for _ in 0..TRIES {
            let names: Vec<String> = stream.consumer_names().try_collect().await.map_err(failed)?;
            for name in names.iter().filter(|name| name.split('=').next() == Some(word)) {
                remove(&stream, name).await?;
            }
            match stream.create_consumer(self.consumer(subject, word)).await {
                Ok(consumer) => return Ok(consumer),
                Err(error) if has_code(&error, ErrorCode::CONSUMER_WQ_CONSUMER_NOT_UNIQUE) => last = Some(error),
                Err(error) => return Err(failed(error)),
            }
        }
        Err(Error { reason: format!("others take the place at {subject} all the time: {last:?}") })
    }

    fn consumer(&self, subject: &str, word: &str) -> Config {
        let inbox = self.client.new_inbox();
        let unique = inbox.rsplit('.').next().unwrap_or_default();
        Config {
            durable_name: Some(format!("{word}={unique}")),
            description: Some(format!("{} since {}", self.options.node, self.options.life)),
            filter_subject: subject.to_owned(),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: HELD,
            max_ack_pending: i64::try_from(2 * AHEAD).unwrap_or(i64::MAX),
            // What nobody comes for is removed, and what was meant for it expires.
            inactive_threshold: self.trust().message_ttl,
            ..Config::default()
        }
    }

    /// Whether a consumer is not there any more: another receiver took its place, or it was away for too long.
    pub(super) async fn is_gone(&self, consumer: &Consumer<Config>) -> bool {
        let info = consumer.cached_info();
        let found = self.context.get_consumer_from_stream::<Config, _, _>(&info.name, &info.stream_name).await;
        let Err(error) = found else { return false };
        has_code(&error, ErrorCode::CONSUMER_NOT_FOUND) || has_code(&error, ErrorCode::STREAM_NOT_FOUND)
    }
}

async fn remove(stream: &stream::Stream<()>, name: &str) -> Result<(), Error> {
    match stream.delete_consumer(name).await {
        Ok(_) => Ok(()),
        Err(error) if has_code(&error, ErrorCode::CONSUMER_NOT_FOUND) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

fn has_code(error: &ConsumerError, code: ErrorCode) -> bool {
    matches!(error.kind(), ConsumerErrorKind::JetStream(known) if known.error_code() == code)
}

fn failed(reason: impl ToString) -> Error {
    Error { reason: reason.to_string() }
}
