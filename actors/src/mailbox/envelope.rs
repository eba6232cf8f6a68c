//! A message on its way, with what has to be given back once it is handled.

use std::sync::Arc;

use actix::dev::MessageResponse;
use actix::{Actor, AsyncContext, Context, Handler, Message, WrapFuture};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use super::gauges::Gauges;

/// A message for an actor of type `A`, whatever its own type.
pub(super) trait Deliver<A: Actor>: Send {
    /// Has the actor handle it.
    fn deliver(self: Box<Self>, actor: &mut A, ctx: &mut Context<A>)
    where
        A: Actor<Context = Context<A>>;
}

/// Asks for nothing but a sign of life.
pub(super) struct Knock(pub(super) oneshot::Sender<()>);

impl<A: Actor> Deliver<A> for Knock {
    fn deliver(self: Box<Self>, _: &mut A, _: &mut Context<A>)
    where
        A: Actor<Context = Context<A>>,
    {
        // Who knocked may have stopped listening.
        let _ = self.0.send(());
    }
}

/// A message, its place in the mailbox and the way back to who asked.
pub(super) struct Envelope<M: Message> {
    pub(super) message: M,
    pub(super) reply: Option<oneshot::Sender<M::Result>>,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) gauges: Arc<Gauges>,
}

impl<A, M> Deliver<A> for Envelope<M>
where
    A: Actor<Context = Context<A>> + Handler<M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    fn deliver(self: Box<Self>, actor: &mut A, ctx: &mut Context<A>) {
        let Self { message, reply, permit, gauges } = *self;
        let pending = Pending { reply, permit, gauges, since: Instant::now() };
        let (answer, mut answered) = oneshot::channel();
        actor.handle(message, ctx).handle(ctx, Some(answer));
        match answered.try_recv() {
            Err(TryRecvError::Empty) => {
                let settle = async move { pending.settle(answered.await.ok()) };
                ctx.spawn(settle.into_actor(actor));
            }
            at_once => pending.settle(at_once.ok()),
        }
    }
}

/// A message that is being handled. Dropped without being settled (its handler panicked), it frees its place, and who
/// asked learns that no answer will come.
struct Pending<R> {
    reply: Option<oneshot::Sender<R>>,
    permit: OwnedSemaphorePermit,
    gauges: Arc<Gauges>,
    since: Instant,
}

impl<R> Pending<R> {
    fn settle(self, answer: Option<R>) {
        self.gauges.handled(self.since.elapsed());
        drop(self.permit);
        if let (Some(reply), Some(answer)) = (self.reply, answer) {
            // Who asked may have stopped waiting: the answer is then of no use to anybody.
            let _ = reply.send(answer);
        }
    }
}
