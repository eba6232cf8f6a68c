//! The real executable: a node on a free port and a data directory of its own, asked by the command line and over REST.
//!
//! Nothing here waits for a length of time: tests wait for something to happen, with a deadline.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod accounts;
#[allow(dead_code, reason = "shared with the tests of other doors")]
#[path = "../../../core/adapters/tests/doors/authority.rs"]
mod authority;
mod channels;
mod command_line;
mod doctor;
mod end_of_life;
mod figures;
mod health;
mod manual;
mod oidc;
mod provider;
mod rest;
mod secrets;
mod service_manager;
mod services;
#[path = "../support/mod.rs"]
mod support;
mod tls;
