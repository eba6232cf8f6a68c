//! The answers to trouble, each a pure function of what is known: a slot nobody was there for ([`misfire`]), a job due
//! while it runs ([`overlap`]), a run that ended badly ([`retry`]).
//!
//! The words authors use for them are in [`crate::job::policy`].

pub mod misfire;
pub mod overlap;
pub mod retry;
