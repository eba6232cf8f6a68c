//! The vocabulary, the rules and the ports of cronbus.
//!
//! Every decision of the scheduler (what is due, which policy applies, which host, what state follows) is a pure
//! function or a plain state machine here: `step(input, now) -> effects`. Nothing in this crate opens a file, a socket
//! or a clock; that is done behind the traits of [`port`], by the adapters and, for one machine, by [`local`].

pub mod account;
pub mod alert;
pub mod audit;
pub mod bytesize;
pub mod catalog;
pub mod config;
pub mod crontab;
pub mod dispatch;
pub mod document;
pub mod duration;
pub mod gocron;
pub mod id;
pub mod job;
pub mod local;
pub mod planner;
pub mod policy;
pub mod pool;
pub mod port;
mod quantity;
pub mod redact;
pub mod route;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod suggest;
#[cfg(any(test, feature = "suite"))]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "suites are tests: they fail by panicking"
)]
pub mod suite;
pub mod template;
pub mod time;
pub mod timeline;
pub mod wire;
