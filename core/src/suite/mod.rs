//! One conformance suite for each port: what its documentation promises, tried on an implementation.
//!
//! Each suite is a set of async functions that take the implementation and panic where it breaks the contract. Every
//! implementation calls them from a test of its own: those of `local` here, the adapters with the feature `suite`. What
//! only one implementation promises is tested beside it, not here.

pub mod bus;
pub mod clock;
pub mod guard;
pub mod log;
pub mod membership;
pub mod samples;
pub mod spool;
pub mod store;
