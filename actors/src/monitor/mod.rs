//! The monitor: follows the feed of job changes, watches the clock, keeps the house small.
//!
//! It only notices and tells; what follows from a changed job is the scheduler's and the dispatcher's business.

mod actor;
mod clock;
mod feed;
mod housekeeping;
pub(crate) mod statistics;

pub(crate) use actor::{Figures, LastLook, Monitor, Refresh, Setup};
