//! The registers of living nodes that need no server: [`LocalMembership`] for a node that is alone, and
//! [`SharedMembership`] for several simulated nodes in one process, with leases that end and connections that break.

mod alone;
mod shared;

pub use alone::LocalMembership;
pub use shared::{Register, SharedMembership};
