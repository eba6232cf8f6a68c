//! The dispatcher: turns due slots into durable rows, hands them to nodes when their moment comes, and records what
//! became of them.
//!
//! ```text
//!   Create ──▶ creation: guard, store ──▶ ┐
//!   Submit ──▶ store ───────────────────▶ │  mind (cronbus_core::dispatch) ──▶ outbox ──▶ bus
//!   reports from the bus ───────────────▶ │        ──▶ flushing ──▶ store
//!   time ───────────────────────────────▶ ┘        ──▶ look-ups ──▶ store
//! ```

mod actor;
mod creation;
mod flushing;
mod messages;
mod mind;

pub(crate) use actor::{Dispatcher, Figures, Setup};
pub(crate) use messages::{
    Adopt, Busy, CatalogComplete, ClockJumped, Close, Create, Disown, JobsChanged, Kill, MembersChanged, Reported,
    Running, Settled, Submit,
};
