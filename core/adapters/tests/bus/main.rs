//! The bus on a real nats-server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking, and nobody else uses their helpers"
)]

mod access;
mod contract;
mod harness;
mod intruder;
mod outages;
mod streams;
mod versions;
