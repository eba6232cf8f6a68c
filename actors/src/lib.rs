//! The roles of a node as actors. The only package that names actix; it depends on cronbus-core alone.
//!
//! ```text
//!                       members, clock
//!                             │
//!   store ──changes──▶  ┌─────▼─────┐ Create,Due ┌────────────┐  assignments  ┌──────────┐
//!        ┌─▶ monitor ──▶│ scheduler │ ─────────▶ │ dispatcher │ ────bus─────▶ │ executor │ ──▶ processes, HTTP
//!        │     │        └───────────┘ ◀─durable─ └────────────┘ ◀──bus──────  └──────────┘
//!        │     │   jobs changed            ▲         │  ▲          reports          │
//!        │     └───────────────────────────┘         ▼  │                           ▼
//!        └──────────────────────────────────────── store, guard              spool, log
//! ```
//!
//! Each role may be on a node of its own. A scheduler and a dispatcher on one node talk through a mailbox (`Create`), on
//! two over the bus (`Due`, and `Durable` back). Any node that takes submissions or wishes to end a run tells the
//! dispatcher of the run's partition (`Requests`).
//!
//! Requests go from left to right; what comes back is an answer or an event. Each actor is thin: it is told something,
//! asks its mind in cronbus-core (`planner`, `dispatch`, `pool`) what follows, and does it through the ports. What an
//! actor knows can be built again from the store, the spool and the register of members, so that a crash of one costs
//! its memory and nothing else ([`supervise`]).
//!
//! **Invariants:** no actor is reached but through its [`mailbox`]. No actor waits for one to its left. No message
//! carries the only copy of a fact. Nothing here opens a file, a socket or reads a clock.

mod alerter;
mod bridge;
mod dispatcher;
mod executor;
pub mod mailbox;
mod monitor;
pub mod node;
pub mod observe;
mod outbox;
mod patience;
mod ports;
mod scheduler;
pub mod supervise;
mod tasks;
mod wake;

pub use ports::Ports;
