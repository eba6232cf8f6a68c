//! Messages that leave: mail through a real server, calls to a real receiver.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "tests fail by panicking, and use of shared helpers what they need"
)]

#[path = "../doors/authority.rs"]
mod authority;
mod harness;
mod http;
mod mail_server;
mod receiver;
mod smtp;
