//! Which node: for a run ([`choose()`]), for all runs of a broadcast ([`broadcast`]), for a partition ([`owner_of`],
//! [`dispatcher_of`]). And which roles nobody plays ([`lacking()`]).
//!
//! Pure functions of the members as they are known; who asks, and what happens to a run that no node fits, is the
//! dispatcher's business. Where the same key shall stay at the same node, `rendezvous` hashing decides: every node
//! computes the same answer from the same members, and a node that comes or goes moves only what it takes or had.

mod choose;
mod lacking;
mod partition;
mod rendezvous;

pub use choose::{Candidate, Choice, broadcast, choose, explain, matches, why_none_fits};
pub use lacking::{lack, lacking};
pub use partition::{Dispatchers, dispatcher_of, owned_by, owner_of};
