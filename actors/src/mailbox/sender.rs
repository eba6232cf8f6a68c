//! The sending end of a mailbox.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Context, Handler, Message};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError, oneshot};
use tokio::time::Instant;

use super::envelope::{Deliver, Envelope, Knock};
use super::error::Error;
use super::gauges::Gauges;
use super::inlet::Inlet;

/// Makes a mailbox for an actor that may not exist yet, so that actors that need each other's mailboxes can be wired
/// before any of them starts. `capacity` is how many messages it holds, at least one.
#[must_use]
pub fn open<A: Actor>(name: &str, capacity: usize) -> (Mailbox<A>, Inlet<A>) {
    let (sender, queue) = unbounded_channel();
    let gauges = Arc::new(Gauges::new(name, capacity));
    (Mailbox { queue: sender, gauges: gauges.clone() }, Inlet { queue, gauges })
}

/// The sending end of an actor's mailbox. Clones share the same room; they can be used from any thread.
pub struct Mailbox<A: Actor> {
    queue: UnboundedSender<Box<dyn Deliver<A>>>,
    gauges: Arc<Gauges>,
}

impl<A: Actor> Mailbox<A> {
    /// The figures of this mailbox.
    #[must_use]
    pub const fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Whether the actor has ended for good.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    async fn room(&self) -> Result<OwnedSemaphorePermit, Error> {
        match self.room_now() {
            Err(Error::Full { .. }) => {}
            settled => return settled,
        }
        let _waiting = self.gauges.waiting();
        self.gauges.room().clone().acquire_owned().await.map_err(|_| self.closed())
    }

    fn room_now(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.gauges.room().clone().try_acquire_owned().map_err(|refused| match refused {
            TryAcquireError::NoPermits => self.full(Duration::ZERO),
            TryAcquireError::Closed => self.closed(),
        })
    }

    fn closed(&self) -> Error {
        Error::Closed { actor: self.gauges.name().clone() }
    }

    fn full(&self, waited: Duration) -> Error {
        Error::Full { actor: self.gauges.name().clone(), capacity: self.gauges.capacity(), waited }
    }

    fn late(&self, waited: Duration) -> Error {
        Error::Late { actor: self.gauges.name().clone(), waited }
    }
}

impl<A: Actor<Context = Context<A>>> Mailbox<A> {
    /// Sends a message and waits for the answer; `deadline` bounds the waiting for room and for the answer together.
    ///
    /// Once sent, the message is handled, whether or not the returned future is still there.
    ///
    /// # Errors
    /// [`Error::Full`] when there was no room in time (nothing was sent), [`Error::Late`] when the answer did not come
    /// in time, [`Error::Closed`] when the actor has ended or crashed over the message.
    pub async fn ask<M>(&self, message: M, deadline: Duration) -> Result<M::Result, Error>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let until = Instant::now() + deadline;
        let permit = tokio::time::timeout_at(until, self.room()).await.map_err(|_| self.full(deadline))??;
        let (reply, answer) = oneshot::channel();
        self.post(message, Some(reply), permit)?;
        match tokio::time::timeout_at(until, answer).await {
            Ok(answer) => answer.map_err(|_| self.closed()),
            Err(_) => Err(self.late(deadline)),
        }
    }

    /// Sends a message, waiting for room as long as it takes; that time is counted as backpressure.
    ///
    /// # Errors
    /// [`Error::Closed`] when the actor has ended.
    pub async fn tell<M>(&self, message: M) -> Result<(), Error>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let permit = self.room().await?;
        self.post(message, None, permit)
    }

    /// Sends a message if there is room now.
    ///
    /// # Errors
    /// [`Error::Full`] when there is none, [`Error::Closed`] when the actor has ended.
    pub fn try_tell<M>(&self, message: M) -> Result<(), Error>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let permit = self.room_now()?;
        self.post(message, None, permit)
    }

    /// Waits until the actor has come to everything that was sent to it before now: it lives, and so does its thread. A
    /// full mailbox does not keep a knock out, since one that is busy is not one that hangs.
    ///
    /// # Errors
    /// [`Error::Late`] when it does not come to that in time, [`Error::Closed`] when the actor has ended.
    pub async fn knock(&self, patience: Duration) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Box::new(Knock(reply))).map_err(|_| self.closed())?;
        match tokio::time::timeout(patience, answer).await {
            Ok(answer) => answer.map_err(|_| self.closed()),
            Err(_) => Err(self.late(patience)),
        }
    }

    fn post<M>(
        &self,
        message: M,
        reply: Option<oneshot::Sender<M::Result>>,
        permit: OwnedSemaphorePermit,
    ) -> Result<(), Error>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let envelope = Envelope { message, reply, permit, gauges: self.gauges.clone() };
        self.queue.send(Box::new(envelope)).map_err(|_| self.closed())
    }
}

impl<A: Actor> Clone for Mailbox<A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), gauges: self.gauges.clone() }
    }
}

impl<A: Actor> std::fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").field("gauges", &self.gauges).finish_non_exhaustive()
    }
}
