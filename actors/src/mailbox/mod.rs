//! Mailboxes: the only way to reach an actor from outside.
//!
//! ```text
//!   Mailbox (clone it) ── ask, tell, try_tell ──▶ Envelope{message, permit, reply} ──▶ Inlet ──▶ actor
//!        └───────── room: as many permits as the mailbox holds messages ◀── permit back once handled
//! ```
//!
//! actix's own addresses cannot be used for this: `do_send` ignores the bound, the bound of `try_send` grows with every
//! clone, and an address is dead for ever once its actor has panicked. So messages travel beside them: senders put
//! envelopes into a queue that belongs to no incarnation, and each incarnation of the actor reads it through an
//! [`Inlet`]. What follows from that:
//!
//! * The bound is exact. A permit is taken before a message is queued and given back when it has been *handled*: for an
//!   asynchronous handler, when its answer is there.
//! * A restart (see [`crate::supervise`]) loses the messages that were being handled, and no others. Clones of the
//!   mailbox go on working, and what was queued waits for the next incarnation.
//! * A message that was sent stays sent: dropping the future of an `ask` only throws the answer away.
//!
//! Actors implement [`actix::Handler`] as usual, with any of its kinds of results. They must not wait, within a
//! handler, for room in their own mailbox or for the answer of somebody who waits for them.
//!
//! Supervising is not done here.

mod envelope;
mod error;
mod gauges;
mod inlet;
mod sender;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use gauges::Gauges;
pub use inlet::Inlet;
pub(crate) use inlet::Reader;
pub use sender::{Mailbox, open};
