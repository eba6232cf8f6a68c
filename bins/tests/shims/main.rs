//! Shell runs that outlive the real executable: killed, away, started again; and what is said of them when their supervisor
//! or its file is gone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod away;
mod damage;
mod leaving;
mod secrets;

#[path = "../support/mod.rs"]
mod support;
