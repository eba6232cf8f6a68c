//! The ports: what the scheduler needs from the world, each as one trait with its own error type.
//!
//! ```text
//!   clock ── what time it is          store ──── the truth: jobs, runs, watermarks, epochs
//!   bus ──── messages between nodes   guard ──── keeps losers of a race away from the store
//!   log ──── what runs print          membership ─ which nodes live
//!   runner ─ processes, HTTP calls    spool ──── what an executor must not forget
//!   notifier ─ mail, chats, SMS to people
//!   operations ─ the other way round: what a node does for those who ask it (REST, signals)
//! ```
//!
//! Implementations for one machine are in `local`, the others in the adapters; `suite` has one conformance suite for
//! each port and every implementation is held to it. A trait's documentation is its contract.

pub mod bus;
pub mod clock;
pub mod guard;
pub mod health;
pub mod log;
pub mod membership;
pub mod notifier;
pub mod operations;
pub mod runner;
pub mod spool;
pub mod store;

pub use bus::Bus;
pub use clock::Clock;
pub use guard::Guard;
pub use health::Health;
pub use log::Log;
pub use membership::Membership;
pub use notifier::Notifier;
pub use operations::Operations;
pub use runner::Runner;
pub use spool::Spool;
pub use store::Store;
