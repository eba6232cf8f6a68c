//! Submissions of clients: asked and answered at once, or left in a stream until somebody takes them.
//!
//! Any node that serves takes any submission: those that ask share a queue group, the stream has one consumer for all.

use std::fmt::Debug;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::{Config, Stream};
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::{self, AckKind};
use async_nats::{Message, Subscriber};
use async_trait::async_trait;
use cronbus_core::wire::subject;
use cronbus_core::wire::submission::{Answer, Code, Fault};
use futures::StreamExt;

use super::admission::{Admission, Admitted};
use super::connect::{NatsBus, Shared};
use super::rejected::Reason;
use super::streams;

/// The queue group, and the consumer of the stream.
const CLERKS: &str = "dispatchers";

/// How many submissions one node works on at a time, of each kind.
const AT_A_TIME: usize = 64;

/// How long one may take before another node is given it.
const HELD: Duration = Duration::from_secs(60);

/// The pause before what could not be kept is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Answers plain clients.
#[async_trait]
pub trait Clerk: Send + Sync + Debug {
    /// Keeps a submission, or says why not. `key` is the idempotency key where the client gave none; absent when every
    /// submission is one of its own.
    async fn submit(&self, payload: &[u8], key: Option<String>) -> Reply;

    /// Says how a run is.
    async fn run(&self, payload: &[u8]) -> Vec<u8>;
}

/// What a client is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// As JSON.
    pub answer: Vec<u8>,
    /// What became of the submission.
    pub became: Became,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It is kept.
    Run,
    /// It never will be, for this reason.
    Refused(String),
    /// It may be, later.
    NotYet,
}

impl NatsBus {
    /// Answers clients from now on, as long as the bus lives: all who ask, and of those who submit the ones let in.
    pub fn serve(&self, clerk: Arc<dyn Clerk>, admission: Admission) {
        let shared = &self.shared;
        shared.handle.spawn(Arc::clone(shared).answer_submissions(Arc::clone(&clerk), admission));
        shared.handle.spawn(Arc::clone(shared).answer_questions(Arc::clone(&clerk)));
        shared.handle.spawn(Arc::clone(shared).take_queued(clerk, admission));
    }
}

impl Shared {
    async fn answer_submissions(self: Arc<Self>, clerk: Arc<dyn Clerk>, admission: Admission) {
        let asked = self.listen(subject::SUBMIT).await;
        let answer = |message: Message| {
            let (shared, clerk) = (&self, &clerk);
            async move {
                let Reply { answer, became } = match shared.admit(admission, subject::SUBMIT, &message.payload) {
                    Ok(Admitted { content, key }) => clerk.submit(content, key).await,
                    Err(reason) => {
                        shared.refuse(subject::SUBMIT, &reason, &message.payload);
                        return shared.reply(&message, forbidden(reason)).await;
                    }
                };
                if let Became::Refused(text) = became {
                    shared.refuse(subject::SUBMIT, &Reason { kind: "submission", text }, &message.payload);
                }
                shared.reply(&message, answer).await;
            }
        };
        asked.for_each_concurrent(AT_A_TIME, answer).await;
    }

    async fn answer_questions(self: Arc<Self>, clerk: Arc<dyn Clerk>) {
        let asked = self.listen(subject::RUN).await;
        let answer = |message: Message| {
            let (shared, clerk) = (&self, &clerk);
            async move {
                let answer = clerk.run(&message.payload).await;
                shared.reply(&message, answer).await;
            }
        };
        asked.for_each_concurrent(AT_A_TIME, answer).await;
    }

    /// A place in the queue group, kept through every loss of the connection.
    async fn listen(&self, on: &'static str) -> Subscriber {
        loop {
            match self.client.queue_subscribe(on, CLERKS.to_owned()).await {
                Ok(subscriber) => return subscriber,
                Err(error) => tracing::warn!(%error, on, "clients cannot be listened to yet"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn reply(&self, to: &Message, answer: Vec<u8>) {
        let Some(inbox) = to.reply.clone() else { return };
        if let Err(error) = self.client.publish(inbox, answer.into()).await {
            tracing::debug!(%error, "a client could not be answered");
        }
    }

    async fn take_queued(self: Arc<Self>, clerk: Arc<dyn Clerk>, admission: Admission) {
        loop {
            match self.queued().await {
                Ok(messages) => {
                    let good = messages.take_while(|item| ready(item.is_ok())).filter_map(|item| ready(item.ok()));
                    good.for_each_concurrent(AT_A_TIME, |message| self.take(&*clerk, admission, message)).await;
                }
                Err(error) => tracing::debug!(%error, "the queue of submissions cannot be read yet"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn queued(&self) -> Result<Stream, async_nats::Error> {
        if let Some(stream) = self.streams.iter().find(|stream| stream.name == streams::SUBMIT) {
            streams::ensure(&self.context, stream).await?;
        }
        let config = Config {
            durable_name: Some(CLERKS.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: HELD,
            ..Config::default()
        };
        let consumer: PullConsumer = self.context.create_consumer_on_stream(config, streams::SUBMIT).await?;
        let asked = consumer.stream().max_messages_per_batch(AT_A_TIME).heartbeat(Duration::from_secs(5));
        Ok(asked.expires(Duration::from_secs(30)).messages().await?)
    }

    /// Takes a submission out of the stream once it is kept, or never will be.
    async fn take(&self, clerk: &dyn Clerk, admission: Admission, message: jetstream::Message) {
        // The same message has the same key however often it is delivered.
        let key = message
            .info()
            .ok()
            .map(|info| format!("queued/{}/{}", info.published.unix_timestamp_nanos(), info.stream_sequence));
        let refused = |reason: &Reason| {
            self.refuse(subject::SUBMIT_QUEUED, reason, &message.payload);
            AckKind::Ack
        };
        let word = match self.admit(admission, subject::SUBMIT_QUEUED, &message.payload) {
            Err(reason) => refused(&reason),
            Ok(admitted) => match clerk.submit(admitted.content, admitted.key.or(key)).await.became {
                Became::Run => AckKind::Ack,
                Became::NotYet => AckKind::Nak(Some(AGAIN)),
                Became::Refused(text) => refused(&Reason { kind: "submission", text }),
            },
        };
        if let Err(error) = message.ack_with(word).await {
            tracing::debug!(%error, "a submission could not be acknowledged; it comes again");
        }
    }
}

/// What a client is answered whose submission is not looked at.
fn forbidden(reason: Reason) -> Vec<u8> {
    let error = Fault::new(Code::Forbidden, reason.text, None);
    // A fault is text only.
    serde_json::to_vec(&Answer::Refused { error }).unwrap_or_default()
}
