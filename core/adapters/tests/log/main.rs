//! The logs of all hosts on a real nats-server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking, and nobody else uses their helpers"
)]

mod contract;
mod harness;
mod outages;
mod rubbish;
