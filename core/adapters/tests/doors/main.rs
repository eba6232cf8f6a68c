//! Who is let in by real servers, and which servers are trusted: TLS with a throwaway authority, users, keys, endpoints.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking, and nobody else uses their helpers"
)]

mod authority;
mod databases;
mod etcd;
mod nats;
mod redis;
