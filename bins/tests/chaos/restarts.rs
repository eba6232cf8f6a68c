//! What operations do to a cluster on purpose, and what its promises are about in the first place: an owner is killed, an
//! owner wakes up too late, a dispatcher hangs, an executor dies, everything is restarted in turn. How late slots were is
//! measured and printed; what is demanded of it is a ratio, since the machine may have other things to do.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cronbus_core::time::Timestamp;
use cronbus_servers::{Kind, NodePlan, Plan};
use serde_json::Value;

use crate::lateness;
use crate::random::Random;
use crate::stage::{LEASE, Stage};
use crate::support::wait_for;

/// Nothing is missed: what is late runs late, so that lateness can be measured.
const CONFIGURATION: &str = "[scheduler]\nmisfire_after = \"10m\"\n[executor]\nslots = 32\n";

/// For how long jobs are due: longer than what is done to them takes where nothing else is to be done.
const LASTS: Duration = Duration::from_secs(110);

/// How many leases an owner's slots may be late when it is killed: 1 and a second, on a machine with nothing else to do.
const MOST_LEASES: u32 = 6;

/// The one that is asked, three that decide, one that only dispatches, two that execute.
pub(crate) fn plan() -> Plan {
    let asked = [NodePlan::new("web", &["web"])];
    let deciding =
        (1..=3).map(|n| NodePlan::new(format!("decider-{n}"), &["scheduler", "dispatcher", "monitor", "web"]));
    let dispatching = [NodePlan::new("dispatcher", &["dispatcher"])];
    let executing = (1..=2).map(|n| NodePlan::new(format!("executor-{n}"), &["executor"]));
    let nodes = asked.into_iter().chain(deciding).chain(dispatching).chain(executing).collect();
    let mut plan = Plan::new(PathBuf::from(env!("CARGO_BIN_EXE_cronbus")), Kind::PostgreSql, nodes);
    plan.configuration = CONFIGURATION.to_owned();
    plan.lease = LEASE;
    plan
}

/// How late the slots of the time from `from` on were, once all of them have started.
pub(crate) fn settled(stage: &Stage, what: &str, from: Timestamp) -> Vec<i64> {
    sleep(LEASE * 2);
    let until = stage.now();
    wait_for("the last start", || {
        let open = |run: &Value| {
            let due: Timestamp = run["due_at"].as_str().unwrap().parse().unwrap();
            due < until && matches!(run["state"].as_str(), Some("created" | "assigned"))
        };
        (!stage.runs().iter().any(open)).then_some(())
    });
    let all = lateness::of_ticks(&stage.runs(), from, until);
    lateness::tell(what, &all);
    all
}

/// How often a node was refused because the epoch it named was over.
fn fenced(stage: &Stage, node: usize) -> i64 {
    let figures = wait_for("the figures of a node", || stage.metrics(&stage.cluster.nodes[node].address()?));
    let is_fenced = |line: &&str| line.starts_with("cronbus_actor_figure{") && line.contains("name=\"fenced_total\"");
    figures.lines().filter(is_fenced).map(|line| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap()).sum()
}

fn owner_is_killed(stage: &mut Stage) {
    let from = stage.now();
    stage.cluster.nodes[1].kill().unwrap();
    let late = settled(stage, "an owner was killed", from);
    let worst = late.last().copied().unwrap_or_default();
    assert!(u128::from(worst.unsigned_abs()) < (LEASE * MOST_LEASES).as_millis(), "{late:?}");
    stage.cluster.nodes[1].launch().unwrap();
    stage.cluster.wait_for_members().unwrap();
}

/// It may have nothing to write in the moment it goes on; then it sleeps again.
fn owner_wakes_up_too_late(stage: &mut Stage) {
    for _ in 0..3 {
        stage.cluster.nodes[2].freeze().unwrap();
        sleep(LEASE * 3);
        stage.cluster.nodes[2].thaw().unwrap();
        sleep(LEASE);
        let refused = fenced(stage, 2);
        if refused > 0 {
            return eprintln!("an owner woke up too late: refused {refused} times");
        }
    }
    panic!("a stale owner was never refused");
}

fn dispatcher_hangs(stage: &mut Stage) {
    let from = stage.now();
    stage.cluster.nodes[4].freeze().unwrap();
    sleep(LEASE * 3);
    stage.cluster.nodes[4].thaw().unwrap();
    let late = settled(stage, "a dispatcher hung", from);
    let median = late.get(late.len() / 2).copied().unwrap_or_default();
    assert!(late.last().is_none_or(|worst| median * 4 < worst * 3), "all wait for one: {late:?}");
}

/// What was due after its end it cannot have begun: that goes elsewhere, unless its dispatcher lost its own lease just then
/// and nobody knows.
fn executor_dies(stage: &mut Stage) {
    stage.cluster.nodes[5].kill().unwrap();
    let from = stage.now();
    settled(stage, "an executor died", from);
    let runs = stage.runs();
    let due_later = |run: &&Value| run["due_at"].as_str().unwrap().parse::<Timestamp>().unwrap() > from;
    let lost = runs.iter().filter(due_later).filter(|run| run["state"] == "lost").count();
    assert!(lost * 20 <= runs.iter().filter(due_later).count(), "{lost} were given up although they were not started");
    stage.cluster.nodes[5].launch().unwrap();
    stage.cluster.wait_for_members().unwrap();
}

fn everything_is_restarted(stage: &mut Stage) {
    let from = stage.now();
    for node in 1..stage.cluster.nodes.len() {
        let begun = Instant::now();
        let ended = stage.cluster.nodes[node].stop().unwrap();
        eprintln!("{} ended within {:?}", stage.cluster.nodes[node].name(), begun.elapsed());
        assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
        stage.cluster.nodes[node].launch().unwrap();
        stage.cluster.wait_for_members().unwrap();
    }
    settled(stage, "every node was restarted", from);
    let from = stage.now();
    for server in 0..stage.cluster.servers().len() {
        stage.cluster.servers()[server].stop().unwrap();
        stage.cluster.servers()[server].start_again().unwrap();
        sleep(LEASE);
    }
    settled(stage, "every server was restarted", from);
}

/// An outage is told once, not once for each that suffers.
fn logs_are_short(stage: &Stage) {
    for node in &stage.cluster.nodes {
        let log = node.log();
        for chatter in ["expected INFO", "going on without the guard"] {
            assert!(!log.contains(chatter), "{}: {chatter}", node.name());
        }
        let told = log.lines().filter(|line| line.contains("wait for the bus")).count();
        eprintln!("{}: {} lines, {told} of messages that wait", node.name(), log.lines().count());
    }
}

#[test]
fn what_is_killed_and_restarted_in_turn_loses_and_doubles_nothing() {
    let mut random = Random::seeded("restarts");
    let mut stage = Stage::open(&mut random, plan(), LASTS, |load| load.noops(40).ticks(60).quick(30).broadcasts(3));
    sleep(LEASE);
    owner_is_killed(&mut stage);
    owner_wakes_up_too_late(&mut stage);
    dispatcher_hangs(&mut stage);
    executor_dies(&mut stage);
    everything_is_restarted(&mut stage);
    let states = stage.balance();
    eprintln!("restarts: {} slots, runs: {states:?}", stage.books.slots());
    logs_are_short(&stage);
}
