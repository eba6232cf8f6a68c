//! The register of living nodes on etcd: `/cronbus/nodes/<name>` holds a [`Member`] as JSON under the node's lease.
//!
//! ```text
//!   etcd ── the port: asks the keeper, reads what it left
//!     │
//!     ▼ commands                       on a thread of its own, so that no busy actor makes the node lose its lease:
//!   keeper ── list, then watch; a beat every quarter of the lease; what was lost is taken again
//!     ├── session ── one endpoint's connection, every request bounded in time; the next endpoint when it fails
//!     ├── entry ──── how a node gets its name, and whose record stands in the way
//!     ├── roster ─── the members by what was heard, pure
//!     └── lease ──── until when this node may act, by a clock that goes on while the machine is suspended
//! ```
//!
//! **Until when.** A keep-alive sent at `t` and confirmed lets the lease end no sooner than `t` plus its time to live, by
//! etcd's clock; this node stops to trust it a tenth of that before. So a node that was stopped, suspended or cut off
//! knows at once when it goes on, without asking anybody.
//!
//! **Away.** The members last heard of stay; nobody joins, and who leaves is not seen.
//!
//! [`Member`]: cronbus_core::port::membership::Member

mod address;
mod entry;
mod etcd;
mod examine;
mod keeper;
mod lease;
mod record;
mod roster;
mod session;
mod shared;

pub use address::Options;
pub use etcd::{ConnectError, EtcdMembership};
pub use examine::examine;
