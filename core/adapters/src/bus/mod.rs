//! The bus on NATS with JetStream: signed messages between hosts, kept by the server until they were taken.
//!
//! ```text
//!   publish ─▶ encode, cut, seal ─▶ stream of the subject ─▶ a consumer for each node ─▶ pump ─▶ Inbox
//!              (in flight: bounded)   (limits: age, bytes,     (durable; the newest       │ open, not seen, join, decode
//!                                      messages a node)         receiver's only)          └─▶ what is refused: counted,
//!                                                                                             cronbus.v1.rejected
//! ```
//!
//! * A message is in a stream when [`publish`](cronbus_core::port::Bus::publish) returns: the server said so.
//! * It is acknowledged when its receiver comes back for the next one. A receiver that dies gets it again, or its
//!   successor does.
//! * Assignments, controls and reports have a stream each, so that none waits behind another.
//! * What runs print is in a stream to be read ([`output`]), and what is asked of one node is answered by it ([`asking`]).
//! * What nobody takes is dropped by the server when it has expired; a node that is gone for good leaves nothing behind.
//!
//! The connection lives on a thread of its own, where messages are encoded, signed, checked and decoded, so that those
//! who decide do not wait for it. It is tried again for ever.

mod admission;
mod asking;
mod caller;
mod connect;
mod connection;
mod counters;
mod examine;
mod inbox;
mod judge;
mod line;
mod options;
mod output;
mod port;
mod pump;
mod receipt;
mod rejected;
mod sending;
mod streams;
mod submissions;

pub use admission::Admission;
pub use asking::{Answers, Unanswered};
pub use caller::{CallError, Caller};
pub use connect::{ConnectError, NatsBus};
pub use counters::Counters;
pub use examine::examine;
pub use options::{Limits, Login, Options, Trust};
pub use streams::{Difference, Mismatch};
pub use submissions::{Became, Clerk, Reply};
