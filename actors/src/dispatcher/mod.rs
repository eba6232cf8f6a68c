//! The dispatcher: turns due slots into durable rows, hands them to nodes when their moment comes, and records what
//! became of them.
//!
//! ```text
//!   lent anew ─▶ finding: store ────────▶ ┐
//!   Create ──▶ creation: guard, store ──▶ │
//!   Submit ──▶ store ───────────────────▶ │  mind (cronbus_core::dispatch) ──▶ outbox ──▶ bus
//!   reports from the bus ───────────────▶ │        ──▶ flushing ──▶ store
//!   time ───────────────────────────────▶ ┘        ──▶ look-ups ──▶ store
//! ```

mod actor;
mod batches;
mod creation;
mod finding;
mod flushing;
mod messages;
mod mind;

pub(crate) use actor::{Dispatcher, Figures, Setup};
pub(crate) use messages::{
    Busy, CatalogComplete, ClockJumped, Close, Create, Disown, Due, JobsChanged, Kill, MembersChanged, Reported,
    Requested, Running, Settled, Submit,
};
