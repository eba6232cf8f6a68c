//! Throwaway servers of the kinds a cluster of cronbus stands on, for tests, benches and a cluster on one machine.
//!
//! ```text
//!   Server ── one program of the distribution on a free port of loopback, its data in a temporary folder;
//!     │       it can be killed, frozen, stopped and started again on the same port with the same data
//!     ├── kind/ ── how each program is prepared, started and known to be ready
//!     └── guardian ── ends the program and removes its data when this process dies without saying so
//!   Cluster ─ all of them, and nodes of cronbus on them
//!   Proxy ─── stands between a client and a server, and cuts them off from each other
//! ```
//!
//! Nothing here is for production, and nothing is ever skipped: a program that is missing is an error that names the
//! package to install. Everything blocks: these are things for setting a stage, not for acting on it.

mod cluster;
mod error;
mod guardian;
mod kind;
mod network;
pub mod outlived;
mod process;
mod proxy;
mod server;

pub use cluster::{Cluster, Node, NodePlan, Plan};
pub use error::Error;
pub use kind::{Encryption, Kind};
pub use network::free_port;
pub use process::family;
pub use proxy::{Direction, Proxy};
pub use server::Server;
