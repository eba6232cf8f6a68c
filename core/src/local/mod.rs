//! The ports for one machine, in memory: what a node uses when no server is there, and what simulations use.
//!
//! They are held to the same suites as the adapters (see `suite`). Nothing here opens a file or a socket; nothing
//! outlives the process.

pub mod bus;
pub mod clock;
pub mod guard;
pub mod log;
pub mod membership;
pub mod spool;
pub mod store;
