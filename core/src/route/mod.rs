//! Which node: for a run ([`choose`]), for all runs of a broadcast ([`broadcast`]).
//!
//! Pure functions of the members as they are known; who asks, and what happens to a run that no node fits, is the
//! dispatcher's business.

mod choose;

pub use choose::{Candidate, Choice, broadcast, choose, matches};
