//! Every node of a cluster goes on in another process, one after the other, and then every node is killed, one after the
//! other, while jobs are due and commands run.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::restarts::{plan, settled};
use crate::stage::{LEASE, Stage};

/// For how long jobs are due.
const LASTS: Duration = Duration::from_secs(50);

fn every_node_is_upgraded(stage: &mut Stage) {
    let from = stage.now();
    for node in 0..stage.cluster.nodes.len() {
        let begun = Instant::now();
        stage.cluster.nodes[node].upgrade().unwrap();
        stage.cluster.wait_for_members().unwrap();
        eprintln!("{} went on in another process after {:?}", stage.cluster.nodes[node].name(), begun.elapsed());
    }
    settled(stage, "every node was upgraded", from);
}

fn every_node_is_killed(stage: &mut Stage) {
    let from = stage.now();
    for node in 0..stage.cluster.nodes.len() {
        stage.cluster.nodes[node].kill().unwrap();
        stage.cluster.nodes[node].launch().unwrap();
        stage.cluster.wait_for_members().unwrap();
    }
    settled(stage, "every node was killed and started again", from);
}

#[test]
fn every_node_goes_on_elsewhere_or_is_killed_and_nothing_is_lost_or_doubled() {
    let mut random = Random::seeded("upgrades");
    let mut stage = Stage::open(&mut random, plan(), LASTS, |load| load.noops(20).ticks(40).quick(10).slow(10));
    sleep(LEASE);
    let from = stage.now();
    settled(&stage, "nothing was done", from);
    every_node_is_upgraded(&mut stage);
    every_node_is_killed(&mut stage);
    let states = stage.balance();
    eprintln!("upgrades: {} slots, runs: {states:?}", stage.books.slots());
    // Under its shim a run outlives its node; it is given up only where nobody could know of it.
    let lost = states.get("lost").copied().unwrap_or_default();
    assert!(lost * 50 <= states.values().sum(), "{states:?}");
}
