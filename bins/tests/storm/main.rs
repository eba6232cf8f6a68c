//! The real executable in bad weather: killed again and again while thousands of jobs are due, or frozen and thawed.
//!
//! ```text
//!   load ──▶ jobs, applied by the command line ──▶ node ──▶ runs, read over REST ──┐
//!     │                                             │                              ├──▶ ledger: a list of faults
//!     │                                             └──▶ journal: who started ─────┤
//!     └──▶ moments: when each job is due, by plain arithmetic ─────────────────────┘
//! ```
//!
//! What is expected is computed here and what was started is written down by the jobs themselves, so that the node is
//! not asked to vouch for itself. A seed decides the jobs and the weather; it is printed, and `CRONBUS_STORM_SEED` has
//! the same again. What the machine makes of them in between is its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that can says what it did"
)]

mod books;
mod ledger;
mod load;
mod moments;
mod random;
mod theatre;
mod weather;

#[path = "../support/mod.rs"]
mod support;
