//! A whole cluster in bad weather: real servers and real nodes, killed, frozen, started again and cut off from each
//! other while jobs are due.
//!
//! ```text
//!   load ──▶ jobs ──▶ nodes on NATS, etcd, Redis and a database ──▶ runs, read over REST ──┐
//!     │                 ▲                      │                                           ├──▶ ledger: a list of faults
//!     │              weather                   └──▶ journal: who started ──────────────────┤
//!     └──▶ moments: when each job is due, by plain arithmetic ─────────────────────────────┘
//! ```
//!
//! The jobs write down themselves that they started, and what is due is computed here: nobody vouches for himself. A
//! seed decides the jobs and the weather; it is printed, and `CRONBUS_STORM_SEED` has the same again.
//! `CRONBUS_CHAOS_ROUNDS` says how many calamities there are.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that can says what it did"
)]
#![allow(dead_code, reason = "what is shared with the storm of one node is not all used here")]

#[path = "../storm/books.rs"]
mod books;
#[path = "../storm/lateness.rs"]
mod lateness;
#[path = "../storm/ledger.rs"]
mod ledger;
#[path = "../storm/load.rs"]
mod load;
#[path = "../storm/moments.rs"]
mod moments;
#[path = "../storm/random.rs"]
mod random;
mod restarts;
mod roles;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod upgrades;
mod weather;
