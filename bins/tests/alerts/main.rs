//! The real executable tells people: once, also when it is killed in between, and a storm as one message. Whoever is told
//! is a receiver of calls within the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod cluster;
mod receiver;
mod telling;

#[path = "../support/mod.rs"]
mod support;
