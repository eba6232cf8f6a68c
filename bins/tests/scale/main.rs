//! What many jobs and many runs do to the pages and to REST: nothing that anybody waits for. Two nodes of the real executable,
//! one of whose databases has just enough to fill a page of every list, are asked for the same in turn, so that whatever else the machine does meanwhile
//! happens to both.
//!
//! The sizes may be given, for measurements (`make scale`); the usual ones are small enough for every day.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(clippy::print_stdout, reason = "what was found is shown with --nocapture")]

mod fill;
mod reader;

#[path = "../support/mod.rs"]
mod support;

use fill::{Plan, filled};
use reader::Reader;

/// How many times as long as on the node with few rows a page may take. Three is what people are promised; where everything is
/// measured beside other tests, and without optimisation, a request that was held up must not look like a page that is slow.
const MOST: f64 = 6.0;

/// How much more memory a node may hold after everything was read twenty times than after it was read for the first time.
const MOST_MEMORY: f64 = 1.5;

/// Enough for a page of every list: one of fifty jobs has a label, one of fifty runs failed. With nothing at all, what is
/// measured would be how long it takes to write a list.
const PAGEFUL: Plan = Plan { jobs: 2_500, runs: 5_000 };

/// Runs of a node are looked for among all there are, for a while (`web/found_runs.rs`), and a part of a name in all names. How
/// long that takes is shown, and is what it is.
const SEARCHES: [&str; 5] =
    ["/jobs?name=", "/jobs?name=none", "/api/v1/jobs?name=none", "/runs?node=none", "/api/v1/runs?node=none"];

/// How often each page is asked for.
const ROUNDS: usize = 20;

/// A size that the environment gives.
fn size(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn pages_of_many_rows_are_as_quick_as_those_of_none() {
    let most = std::env::var("CRONBUS_SCALE_RATIO").map_or(MOST, |text| text.parse().unwrap());
    let plan = Plan { jobs: size("CRONBUS_SCALE_JOBS", 5_000), runs: size("CRONBUS_SCALE_RUNS", 100_000) };
    let (few, many) = (filled(&PAGEFUL), filled(&plan));
    let readers = [Reader::of(&few), Reader::of(&many)];
    for reader in &readers {
        reader.until_it_is_known();
    }
    let paths = readers.each_ref().map(Reader::paths);
    let before = readers[1].resident();
    let mut slow = Vec::new();
    println!("{:>9} {:>9} {:>6}  page", "few ms", "many ms", "ratio");
    for (name, on_few) in &paths[0] {
        let on_many = &paths[1][name];
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            times[0].push(readers[0].time(on_few));
            times[1].push(readers[1].time(on_many));
        }
        let [base, measured] = times.map(median);
        let ratio = measured / base;
        println!("{:>9.2} {:>9.2} {ratio:>6.2}  {name}", base * 1000.0, measured * 1000.0);
        if ratio > most && !SEARCHES.contains(name) {
            slow.push(format!("{name}: {ratio:.1} times"));
        }
    }
    let grown = readers[1].resident() / before;
    println!("memory of the node with many: {:.0} MB, {grown:.2} times that before", readers[1].resident() / 1e6);
    assert!(slow.is_empty(), "more than {most} times as slow with many rows: {slow:#?}");
    assert!(grown < MOST_MEMORY, "reading made the node grow {grown:.2} times as large");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
