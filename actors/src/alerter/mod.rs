//! The alerter: has people told of what happened. What to tell whom is decided by `cronbus_core::alert`.
//!
//! ```text
//!   store: events, silences, who looks after what ─┐
//!   looking: successes, silent jobs, long runs ────┼─▶ turn: one step of the engine, made durable whole ─▶ bus
//!   watching: nodes that are gone ─────────────────┘      │
//!                                                         ▼
//!   reporting: this node's own services ─▶ store     delivering: what is due, over the notifier, until it was taken
//! ```
//!
//! **One node at a time is the alerter**: the first of the living monitors, under an epoch that the store checks with
//! every step. What it knows beside the store it works out again when it takes over. Every node with a store reports of
//! itself.

mod actor;
mod delivering;
mod leading;
mod log_tail;
mod looking;
mod reporting;
mod turn;
mod watching;

pub(crate) use actor::{Alerter, Figures, Setup};
