//! The runner on real processes and real connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking, and nobody else uses their helpers"
)]

mod harness;
mod http;
mod kill;
mod limits;
mod process;
mod reap;
mod user;
