//! A node that goes on in another process of its executable: what runs, what is printed, what is due and whoever asks must
//! not notice. And what becomes of it when that fails, at every point.
//!
//! The real executable, in a file of its own, so that another can be put in its place.

#![allow(dead_code, reason = "what is shared with the storm is not all used here")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that can says what it did"
)]

mod calm;
mod crowd;
mod failures;

#[path = "../storm/books.rs"]
mod books;
#[path = "../storm/lateness.rs"]
mod lateness;
#[path = "../storm/ledger.rs"]
mod ledger;
#[path = "../storm/load.rs"]
mod load;
mod managed;
#[path = "../storm/moments.rs"]
mod moments;
mod noon;
mod office;
#[path = "../storm/random.rs"]
mod random;
#[path = "../support/mod.rs"]
mod support;
