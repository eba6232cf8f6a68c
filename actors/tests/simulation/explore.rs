//! Many seeds, as many at a time as there are processors; one seed, told at length.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::plan::{Kind, Plan};
use crate::simulate::{self, Verdict};
use crate::world::World;

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}: `{text}` is no number")))
}

/// Runs the seed that the environment names, or as many as it says, or `seeds`, with nodes of this kind.
pub(crate) fn as_asked(seeds: u64, kind: Kind) {
    let plan = |seed| Plan::with(seed, kind);
    match setting("CRONBUS_SIM_SEED") {
        Some(seed) => replay(plan(seed)),
        None => explore(plan, setting("CRONBUS_SIM_SEEDS").unwrap_or(seeds)),
    }
}

/// Runs so many seeds; panics at the end if one broke a promise.
fn explore(plan: impl Fn(u64) -> Plan + Sync, seeds: u64) {
    let first = setting("CRONBUS_SIM_FIRST").unwrap_or(0);
    let next = AtomicU64::new(first);
    let totals = Mutex::new(BTreeMap::<&str, u64>::new());
    let failures = Mutex::new(BTreeMap::<u64, String>::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= first + seeds || failures.lock().unwrap().len() >= 60 {
                return;
            }
            let verdict = simulate::run(plan(seed), None);
            for (kind, count) in verdict.world.history.counts() {
                *totals.lock().unwrap().entry(kind).or_default() += count;
            }
            if let Some(first) = verdict.violations.first() {
                failures
                    .lock()
                    .unwrap()
                    .insert(seed, format!("{} violations, first {first}", verdict.violations.len()));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    println!("{seeds} seeds: {:?}", totals.into_inner().unwrap());
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "these seeds break promises (replay one with CRONBUS_SIM_SEED=n, with --nocapture for its history): {failures:#?}"
    );
}

/// Runs one seed and tells everything about what it broke.
fn replay(plan: Plan) {
    let seed = plan.seed;
    let Verdict { world, violations } = simulate::run(plan, None);
    println!("{:#?}\n{:?}", world.plan, world.history.counts());
    for violation in violations.iter().take(3) {
        println!("\n{violation}");
        world.history.about(&violation.needle).iter().for_each(|line| println!("{line}"));
    }
    if let Ok(needle) = std::env::var("CRONBUS_SIM_ABOUT") {
        world.history.about(&needle).iter().for_each(|line| println!("{line}"));
    }
    assert!(violations.is_empty(), "seed {seed} breaks {} promises", violations.len());
}

/// Where two histories of one seed part.
pub(crate) fn first_difference(one: &World, other: &World) -> String {
    let [one, other] = [one, other].map(|world| world.history.about(""));
    let place = one.iter().zip(&other).position(|(one, other)| one != other);
    let place = place.unwrap_or_else(|| one.len().min(other.len()));
    let line = |lines: &[String]| lines.get(place).cloned().unwrap_or_else(|| "(the end)".to_owned());
    format!("line {place}: {} against {}", line(&one), line(&other))
}
