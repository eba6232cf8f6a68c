//! From the server to an inbox, as fast as the inbox takes it, through every loss of the connection.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::Consumer;
use async_nats::jetstream::consumer::pull::{Config, MessagesError, MessagesErrorKind, Stream};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::connect::Shared;
use super::inbox::AHEAD;
use super::judge::{Delivery, Judge};

/// How long one request for messages stands, and how often the server says that it still does.
const REQUEST: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(5));

/// The pause before messages are asked for again.
const PAUSE: Duration = Duration::from_millis(250);

/// Carries messages of one consumer.
#[derive(Debug)]
pub(super) struct Pump {
    pub(super) shared: Arc<Shared>,
    pub(super) consumer: Consumer<Config>,
    pub(super) judge: Judge,
    pub(super) to: mpsc::Sender<Delivery>,
}

impl Pump {
    /// Carries until the consumer is gone or nobody receives.
    pub(super) async fn run(mut self) {
        loop {
            let asked =
                self.consumer.stream().max_messages_per_batch(AHEAD).expires(REQUEST.0).heartbeat(REQUEST.1).messages();
            match asked.await {
                Ok(messages) => {
                    if self.carry(messages).await.is_break() {
                        return;
                    }
                }
                Err(error) => tracing::debug!(%error, "messages could not be asked for"),
            }
            if self.shared.is_gone(&self.consumer).await {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn carry(&mut self, mut messages: Stream) -> ControlFlow<()> {
        while let Some(item) = messages.next().await {
            let message = match item {
                Ok(message) => message,
                Err(error) => return after(&error),
            };
            let Some(delivery) = self.judge.look_at(message) else { continue };
            if self.to.send(delivery).await.is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}

fn after(error: &MessagesError) -> ControlFlow<()> {
    tracing::debug!(%error, "messages have to be asked for again");
    if error.kind() == MessagesErrorKind::ConsumerDeleted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
