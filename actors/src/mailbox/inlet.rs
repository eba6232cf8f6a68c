//! The receiving end of a mailbox. It outlives the actor: each incarnation reads it through a [`Reader`] of its own.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, ready};

use actix::{Actor, ActorFuture, AsyncContext, Context};
use tokio::sync::mpsc::UnboundedReceiver;

use super::envelope::Deliver;
use super::gauges::Gauges;

/// The receiving end of a mailbox, to be given to [`crate::supervise::Supervisor::start`]. When it is dropped, the
/// mailbox closes, and everybody who waits for room or for an answer learns it.
pub struct Inlet<A: Actor> {
    pub(super) queue: UnboundedReceiver<Box<dyn Deliver<A>>>,
    pub(super) gauges: Arc<Gauges>,
}

impl<A: Actor> Inlet<A> {
    /// The figures of the mailbox.
    #[must_use]
    pub const fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Whether every clone of the mailbox is gone and nothing is left to read.
    pub(crate) fn is_finished(&self) -> bool {
        self.queue.is_closed() && self.queue.is_empty()
    }
}

impl<A: Actor> Drop for Inlet<A> {
    fn drop(&mut self) {
        self.gauges.room().close();
    }
}

impl<A: Actor> std::fmt::Debug for Inlet<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inlet").field("gauges", &self.gauges).finish_non_exhaustive()
    }
}

/// Hands the messages of an inlet to one incarnation of its actor; spawn it into the actor's context.
///
/// It stops reading while the context waits (`ctx.wait`, atomic responses) or is ending, as actix's own mailbox does,
/// and yields to other tasks of the thread by tokio's budget however many messages there are.
pub(crate) struct Reader<A: Actor>(pub(crate) Rc<RefCell<Inlet<A>>>);

impl<A: Actor<Context = Context<A>>> ActorFuture<A> for Reader<A> {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        actor: &mut A,
        ctx: &mut Context<A>,
        task: &mut std::task::Context<'_>,
    ) -> Poll<Self::Output> {
        while !ctx.waiting() {
            let next = self.0.borrow_mut().queue.poll_recv(task);
            match ready!(next) {
                Some(envelope) => envelope.deliver(actor, ctx),
                None => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }
}
