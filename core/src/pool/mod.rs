//! What an executor has and what it starts next: the executor pool's mind.
//!
//! ```text
//!                           staged until its moment, if it came ahead of that
//!                             ▲ │
//!                             │ ▼
//!   batch ─offer─▶ offered ─spooled─▶ queued by priority ─slot free─▶ (ready ─leave─▶) starting ─spooled─▶ executing ─▶ ended ─acknowledged─▶ forgotten
//!                                        │ ▲
//!                                        ▼ │ parked while its job has as many runs here as it may
//! ```
//!
//! [`Pool`] is a plain state machine; spooling, starting and reporting are the actor's. It answers for every run it ever
//! took until the outcome is acknowledged, and refuses for ever the hand-overs it said it does not know.
//!
//! Where the dispatcher asks for that, a run that has a slot waits for its leave to begin ([`leave`]).
//!
//! **Invariants:** at most `slots` runs execute. A batch is looked at once, however often it is delivered. Nothing is
//! started that was meant for this node's former life.

mod asked;
mod clocks;
mod disowned;
mod known;
mod leave;
mod machine;
mod queue;
mod senders;
mod staged;
mod starting;

pub use clocks::Clocks;
pub use known::{Ended, has_effect};
pub use machine::{Offer, Pool, Revoked, Settings, Starts, Stopped};

#[cfg(test)]
mod tests;
