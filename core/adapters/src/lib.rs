//! The ports of cronbus-core on real things. The only package that names databases, HTTP clients and processes.

mod blocking;
pub mod bus;
pub mod discipline;
pub mod examined;
pub mod gocron;
pub mod guard;
pub mod log;
pub mod membership;
pub mod notifier;
pub mod runner;
pub mod spool;
pub mod store;
pub mod tls;
pub mod vault;
pub mod watched;
