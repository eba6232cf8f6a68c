//! The ports of cronbus-core on real things. The only package that names databases, HTTP clients and processes.

pub mod runner;
pub mod store;
