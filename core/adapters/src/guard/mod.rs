//! The create-once guard on Redis: `cronbus:once:<run id>` holds the name of the node that creates the run.
//!
//! ```text
//!   redis ──── the port: claims, confirmations and releases in batches
//!     │
//!     ├── commands ── what is said to the server: SET NX PX, pipelined; scripts for what depends on the holder
//!     └── link ────── the connection, and the one task that makes it again when it was lost
//!           ├── address ──── guard.url: one server, servers behind Sentinel, a cluster
//!           └── connection ─ one multiplexed connection, whatever the topology
//! ```
//!
//! While the server is away every call fails at once, without a look at the network: the caller goes on with the
//! database alone. A server that hangs costs one timeout.
//!
//! It needs no newer server than Redis 3.2: no command of the hot path is newer than 2.6.12.

mod address;
mod commands;
mod connection;
mod examine;
mod link;
mod redis;

pub use address::Options;
pub use examine::examine;
pub use link::ConnectError;
pub use redis::RedisGuard;
