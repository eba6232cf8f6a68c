//! `cronbus doctor`: what keeps a node on this machine from working well, before its first start, beside it while it runs,
//! and while servers are away.
//!
//! ```text
//!   run ─▶ configuration ─┬─▶ directory, secrets, limits, clock, zones, companion      (this machine)
//!                         ├─▶ servers: version, clock, what a node needs of them        (all at once, in bounded time)
//!                         └─▶ neighbour: the node that runs here, if one does
//!                                   each ─▶ findings: OK, WARN or FAIL, and what to do
//! ```
//!
//! It only looks: no directory, file, stream or table is made, so that it can be asked on any machine, by any user.

mod clock;
mod companion;
mod directory;
mod finding;
mod limits;
mod neighbour;
mod run;
mod secrets;
mod servers;
mod zones;

pub(crate) use run::Options;
