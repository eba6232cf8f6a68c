//! The scheduler: knows the time. It owns partitions, plans what is due in them and hands it to the dispatcher.
//!
//! What is due is decided by `cronbus_core::planner`; creating is the dispatcher's.

mod actor;
mod ownership;
mod planning;

pub(crate) use actor::{CatalogSeen, ClockJumped, Close, Figures, JobsChanged, NextDue, Scheduler, Setup};
