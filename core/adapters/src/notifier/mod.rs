//! What carries messages out: mail by lettre, calls by reqwest.
//!
//! ```text
//!   Notifiers ─ one for all channels, on a thread of its own
//!     ├─ smtp ── a mail for each recipient, over connections that are kept
//!     ├─ http ── requests, to where they may go (reach), their answers read as far as needed (answer)
//!     ├─ told ── who was told of a message already, when only some were
//!     └─ tally ─ what came of telling several
//! ```
//!
//! What is said, and what an answer means, is decided in `cronbus_core::alert`.

mod answer;
mod http;
mod notifiers;
mod reach;
mod smtp;
mod tally;
mod told;

pub use notifiers::{Error, Notifiers};
