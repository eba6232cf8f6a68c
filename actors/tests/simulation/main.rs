//! Whole nodes in simulated worlds: their actors on one thread, over ports in memory that fail on purpose, under a clock
//! that jumps from timer to timer.
//!
//! ```text
//!   seed ─▶ plan ─▶ world ◀── people: add, edit, pause, delete, run, kill
//!                     ▲  ◀── chaos: crashes, halts, leases, clocks, outages
//!                     │
//!   lives: node ── ports (pass through a Life; slow, refusing, ambiguous, late, twice) ── ledger, bus, register, spool
//!                     │
//!                  history ─▶ check: promises 1 to 6 of the design, and overlap
//! ```
//!
//! A seed replays exactly: `CRONBUS_SIM_SEED=… cargo test -p cronbus-actors --test simulation seeds_of_one_node` runs it
//! alone and tells what happened; likewise for `seeds_of_several_nodes` and `seeds_of_nodes_that_share_the_work`, which
//! are other worlds. `CRONBUS_SIM_SEEDS=n` sets how many are tried, from 0 or from `CRONBUS_SIM_FIRST` on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "this is a test")]
#![allow(clippy::print_stdout, reason = "people read what was tried")]

mod chance;
mod chaos;
mod check;
mod explore;
mod history;
mod jobs;
mod ledger;
mod life;
mod lives;
mod people;
mod plan;
mod ports;
mod processes;
mod simulate;
mod world;

use check::Promise;
use ledger::Sabotage;
use plan::{Kind, Plan};

#[test]
fn a_node_that_is_left_in_peace_keeps_its_promises() {
    for seed in 0..5 {
        let verdict = simulate::run(Plan::peaceful(seed), None);
        assert!(verdict.violations.is_empty(), "seed {seed}: {:#?}", verdict.violations);
        assert!(verdict.world.history.counts()["starts"] > 0);
    }
}

#[test]
fn seeds_of_one_node_keep_every_promise() {
    explore::as_asked(1_200, Kind::Alone);
}

#[test]
fn seeds_of_several_nodes_keep_every_promise() {
    explore::as_asked(450, Kind::Alike);
}

#[test]
fn seeds_of_nodes_that_share_the_work_keep_every_promise() {
    explore::as_asked(350, Kind::Split);
}

#[test]
fn a_seed_has_one_history() {
    for seed in 0..40 {
        let histories = [(); 2].map(|()| simulate::run(Plan::of(seed), None).world);
        let [first, second] = histories.each_ref().map(|world| world.history.fingerprint());
        assert_eq!(first, second, "seed {seed}: {}", explore::first_difference(&histories[0], &histories[1]));
    }
}

/// Each promise is broken on purpose, and the checker sees it.
#[test]
fn broken_promises_are_seen() {
    let cases = [
        (Sabotage::NoPrimaryKey, Promise::CreatedOnce),
        (Sabotage::LosesRows, Promise::CreatedAlways),
        (Sabotage::SpoolForgetsStarts, Promise::StartedOnce),
        (Sabotage::LosesEnds, Promise::FinishedOnce),
        (Sabotage::SpoolForgetsEnds, Promise::FinishedOnce),
        (Sabotage::IgnoresKeys, Promise::AcceptedKept),
        (Sabotage::FeignsCommits, Promise::NoCommitNoDispatch),
    ];
    for (sabotage, promise) in cases {
        let sees = |seed: &u64| {
            let found = simulate::run(Plan::of(*seed), Some(sabotage)).violations;
            found.iter().any(|violation| violation.promise == promise)
        };
        assert!((0..60).any(|seed| sees(&seed)), "nobody notices {sabotage:?}");
    }
}
