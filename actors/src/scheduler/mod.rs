//! The scheduler: knows the time. It owns partitions, plans what is due in them and hands it to
//! the dispatchers that they are lent to.
//!
//! What is due is decided by `cronbus_core::planner`; creating is the dispatcher's.

mod actor;
mod lanes;
mod lending;
mod ownership;
mod planning;

pub(crate) use actor::{CatalogSeen, ClockJumped, Close, Durable, Figures, JobsChanged, NextDue, Scheduler, Setup};
