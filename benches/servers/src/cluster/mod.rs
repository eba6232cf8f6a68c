//! A whole cluster of cronbus on this machine: the servers it stands on and its nodes, each a process of its own.
//!
//! ```text
//!   Plan ──▶ Cluster ─┬─ servers: NATS, etcd, Redis, a database
//!                     └─ nodes ── each with its folder and, if the plan says so, its own proxies to the servers,
//!                                 so that one node can be cut off while the others go on
//! ```

mod launch;
mod node;
mod plan;

pub use launch::Cluster;
pub use node::Node;
pub use plan::{NodePlan, Plan};
