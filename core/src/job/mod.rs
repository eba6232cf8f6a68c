//! A job: what its author writes ([`Definition`]) and what the store keeps around it ([`Job`]).
//!
//! The parts stand in files of their own: [`command`] what is executed, [`target`] where, [`policy`] how the scheduler
//! answers trouble, [`Former`] what a job was when slots of it were missed, [`Mark`] what lists are filtered by. Reading documents and checking them is in
//! `document`; nothing here decides anything.

pub mod command;
pub mod policy;
pub mod target;

mod definition;
mod former;
mod keep;
mod limits;
mod mark;
mod stored;

pub use command::Command;
pub use definition::{Definition, JobName, JobNameError, Params};
pub use former::Former;
pub use keep::LogKeep;
pub use limits::Limits;
pub use mark::Mark;
pub use policy::{Backoff, Isolation, Misfire, MisfirePolicy, OnTimeout, Overlap, Retry, RetryOn};
pub use stored::{Job, Pause};
pub use target::{Routing, Target};
