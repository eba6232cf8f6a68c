//! The executor: takes assignments, spools them, starts them as slots get free, supervises them to their end and reports
//! it until it is acknowledged.
//!
//! What starts next is decided by `cronbus_core::pool`; processes and HTTP calls are the runner port's.

mod actor;
mod execution;
mod mind;
mod recovery;
mod starting;

pub(crate) use actor::{Assigned, Close, Controlled, Executor, Figures, Idle, KillAll, Leave, MembersChanged, Setup};
