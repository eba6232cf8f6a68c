//! The real executable on a real nats-server: the cluster's key, runs over the bus, and submissions of plain clients.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod clients;
mod intruder;
mod key;
#[path = "../support/mod.rs"]
mod support;
