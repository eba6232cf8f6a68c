//! Questions of one node to another, answered at once or not at all: request and reply, both signed.
//!
//! ```text
//!   ask ─▶ cronbus.v1.ask.<node>.<about> ─▶ whoever answers there ─▶ the asker's inbox
//! ```
//!
//! The seal of a question covers the inbox that the answer goes to, and that of the answer covers the same: a question
//! that somebody repeats is answered to its asker, who does not wait any more, and an answer fits no other question.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Message, StatusCode, Subscriber};
use async_trait::async_trait;
use cronbus_core::id::NodeName;
use cronbus_core::wire::signing::{OVERHEAD, Stamp};
use cronbus_core::wire::subject;
use futures::StreamExt;

use super::connect::{NatsBus, Shared};
use super::judge::reason;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a question counts.
const COUNTS: Duration = Duration::from_secs(30);

/// How many questions of one kind a node works on at a time.
const AT_A_TIME: usize = 16;

/// The pause before a node tries again to be asked.
const AGAIN: Duration = Duration::from_secs(2);

/// Answers what other nodes ask.
#[async_trait]
pub trait Answers: Send + Sync + Debug {
    /// The answer to a question; `most` is how many bytes it may have.
    async fn answer(&self, question: &[u8], most: usize) -> Vec<u8>;
}

/// A question was not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unanswered {
    /// It is not there, or does not answer such questions.
    #[error("the node {node} does not answer: it is away, or an older version")]
    Nobody {
        /// Who was asked.
        node: NodeName,
    },
    /// It did not answer in time.
    #[error("the node {node} did not answer within {} s", PATIENCE.as_secs())]
    Late {
        /// Who was asked.
        node: NodeName,
    },
    /// The bus is away, or something that is no answer came.
    #[error("the node {node} could not be asked: {reason}")]
    Failed {
        /// Who was asked.
        node: NodeName,
        /// What was said.
        reason: String,
    },
}

impl NatsBus {
    /// Asks a node about something, in a word.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn ask(&self, node: &NodeName, about: &str, question: &[u8]) -> Result<Vec<u8>, Unanswered> {
        let asking = Arc::clone(&self.shared).ask(node.clone(), about.to_owned(), question.to_vec());
        let failed = |reason: String| Unanswered::Failed { node: node.clone(), reason };
        let asked = self.shared.handle.spawn(tokio::time::timeout(PATIENCE, asking)).await;
        match asked.map_err(|error| failed(error.to_string()))? {
            Ok(answer) => answer,
            Err(_) => Err(Unanswered::Late { node: node.clone() }),
        }
    }

    /// Answers questions about something from now on, as long as the bus lives.
    pub fn answer(&self, about: &'static str, answers: Arc<dyn Answers>) {
        self.shared.handle.spawn(Arc::clone(&self.shared).answer(about, answers));
    }
}

impl Shared {
    async fn ask(self: Arc<Self>, node: NodeName, about: String, question: Vec<u8>) -> Result<Vec<u8>, Unanswered> {
        let failed = |reason: String| Unanswered::Failed { node: node.clone(), reason };
        if !self.is_connected() {
            return Err(failed("NATS does not answer".to_owned()));
        }
        let on = format!("{}.{about}", subject::asking(&node));
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.map_err(|error| failed(error.to_string()))?;
        let sealed = self.sealed_for_now(&covered(&on, &inbox), &question);
        let sent = self.client.publish_with_reply(on, inbox.clone(), sealed.into()).await;
        sent.map_err(|error| failed(error.to_string()))?;
        let answer = answers.next().await.ok_or_else(|| failed("the connection was closed".to_owned()))?;
        if answer.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(Unanswered::Nobody { node });
        }
        let (now, trust) = (self.options.clock.now(), self.trust());
        match trust.keys.open(&inbox, &answer.payload, now, trust.clock_skew) {
            Ok(opened) if opened.stamp.sender == node => Ok(opened.content.to_vec()),
            Ok(opened) => Err(failed(format!("{} answered in its place", opened.stamp.sender))),
            Err(refusal) => Err(failed(refusal.to_string())),
        }
    }

    async fn answer(self: Arc<Self>, about: &'static str, answers: Arc<dyn Answers>) {
        let on = format!("{}.{about}", subject::asking(&self.options.node));
        let asked = self.be_asked(&on).await;
        let answer = |message: Message| {
            let (shared, answers, on) = (&self, &answers, &on);
            async move { shared.answer_one(on, &**answers, &message).await }
        };
        asked.for_each_concurrent(AT_A_TIME, answer).await;
    }

    async fn be_asked(&self, on: &str) -> Subscriber {
        loop {
            match self.client.subscribe(on.to_owned()).await {
                Ok(subscriber) => return subscriber,
                Err(error) => tracing::warn!(%error, on, "other nodes cannot be answered yet"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn answer_one(&self, on: &str, answers: &dyn Answers, message: &Message) {
        let Some(inbox) = message.reply.as_deref() else { return };
        let (now, trust) = (self.options.clock.now(), self.trust());
        let question = match trust.keys.open(&covered(on, inbox), &message.payload, now, trust.clock_skew) {
            Ok(opened) => opened.content,
            Err(refusal) => return self.refuse(on, &reason(refusal), &message.payload),
        };
        let most = self.client.max_payload().saturating_sub(OVERHEAD);
        let answer = answers.answer(question, most).await;
        let sealed = self.sealed_for_now(inbox, &answer);
        if let Err(error) = self.client.publish(inbox.to_owned(), sealed.into()).await {
            tracing::debug!(%error, "a node could not be answered");
        }
    }

    fn sealed_for_now(&self, on: &str, content: &[u8]) -> Vec<u8> {
        let stamp = Stamp {
            sender: self.options.node.clone(),
            life: self.lines.life,
            sequence: 1,
            expires_at: self.options.clock.now() + COUNTS,
            part: 0,
            parts: 1,
        };
        self.trust().keys.seal(on, &stamp, content)
    }
}

/// What the seal of a question covers beside it.
fn covered(on: &str, inbox: &str) -> String {
    format!("{on} {inbox}")
}
