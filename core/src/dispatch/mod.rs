//! From durable rows to outcomes: the dispatcher's mind.
//!
//! ```text
//!   created rows ─▶ waiting ──moment──▶ overlap? ──▶ routed ──▶ handed ──accepted──▶ held ──ended──▶ over ─▶ flushed
//!                      ▲                   │            │          │                                  │
//!                      │                blocked     unrouted    inquired (no word)                    └─ next attempt
//!                      └───────────────────┴────────────┴──────────┘
//! ```
//!
//! What needs no decision at its moment is handed over ahead of it ([`ahead`]). What had its moment while nobody was
//! there is answered by the misfire policy ([`absence`]). Among several nodes, a node asks for leave before it begins a
//! run, so that it is known of which runs another may have been given ([`leave`]).
//!
//! [`Dispatch`] is a plain state machine: it is told what happened and when, and collects what is to be done ([`Effects`])
//! for the actor to take. It never waits. What it knows of a run is written to the store in batches
//! ([`Dispatch::flush`]): a run that starts and ends between two flushes is written once.
//!
//! What a run waits for is told without asking its dispatcher ([`waiting_for`]).
//!
//! **Invariants:** nobody else applies events to runs. A run is handed to at most one node at a time. It goes to
//! another only after the first has said that it will never start it, or is gone and never got leave to. Where somebody
//! else could take this node's partitions over, the store knows of the hand-over before the node does
//! ([`Handover::Recorded`]). Only runs of partitions that are lent to this dispatcher are in its hands, and all it writes
//! is fenced by their epochs.

mod absence;
mod active;
mod ahead;
mod calendar;
mod decide;
mod flush;
mod leave;
mod lent;
mod load;
mod machine;
mod members;
mod outbox;
mod reports;
mod table;
mod waiting;

pub use lent::Loan;
pub use machine::{Counts, Dispatch, Handover, Settings};
pub use outbox::Effects;
pub(crate) use table::RunTable;
pub use waiting::{Awaited, WaitingFor, waiting_for};

#[cfg(test)]
mod tests;
