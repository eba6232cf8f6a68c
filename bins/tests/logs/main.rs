//! What runs print, read from another host: a cluster of real nodes on real servers, where executors have no web and the
//! web node executes nothing.
//!
//! Runs wait for the test by looking for files, and the test for runs by reading what they print: nothing is timed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod calm;
mod secrets;
mod stage;
mod storm;
#[path = "../support/mod.rs"]
mod support;
