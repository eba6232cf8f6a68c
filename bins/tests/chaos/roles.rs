//! A role that nobody plays: everybody says so and stays ready, and when somebody plays it again, what nobody did is made
//! good, also for the partitions of a dispatcher that died meanwhile.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use cronbus_servers::{Kind, NodePlan, Plan};
use serde_json::Value;

use crate::random::Random;
use crate::stage::{CONFIGURATION, LEASE, Stage};
use crate::support::wait_for;

/// For how long jobs are due: until after a scheduler is back, where the machine has little else to do.
const LASTS: Duration = Duration::from_secs(45);

/// Who only schedules, who only dispatches, and who is asked: places in the plan.
const SCHEDULERS: [usize; 2] = [1, 2];
const DISPATCHER: usize = 3;
const EXECUTOR: usize = 5;
const WEB: usize = 0;

fn plan() -> Plan {
    let nodes = [("web", "web"), ("scheduler-1", "scheduler"), ("scheduler-2", "scheduler")];
    let others = [("dispatcher-1", "dispatcher"), ("dispatcher-2", "dispatcher"), ("executor", "executor")];
    let nodes = nodes.into_iter().chain(others).map(|(name, role)| NodePlan::new(name, &[role])).collect();
    let mut plan = Plan::new(PathBuf::from(env!("CARGO_BIN_EXE_cronbus")), Kind::PostgreSql, nodes);
    plan.configuration = CONFIGURATION.to_owned();
    plan.lease = LEASE;
    plan
}

/// What a node answers where it is asked for its health.
fn ask(stage: &Stage, node: usize, path: &str) -> String {
    let node = &stage.cluster.nodes[node];
    wait_for("an answer", || stage.ask(&node.address().or(node.health_address())?, path))
}

/// Waits until a node knows whether somebody schedules. It is ready all the same, or it would not be heard here.
fn until_known(stage: &Stage, node: usize, lacking: bool) {
    let line = format!("cronbus_role_lacking{{role=\"scheduler\"}} {}", i32::from(lacking));
    wait_for("what is lacking to be known", || {
        let told: Value = serde_json::from_str(&ask(stage, node, "/readyz")).unwrap();
        let cluster = &told["parts"]["cluster"];
        let says = cluster["detail"].as_str().unwrap().contains("no active node plays scheduler");
        assert_eq!(cluster["ok"] == false, says, "{told}");
        (says == lacking && ask(stage, node, "/metrics").contains(&line)).then_some(())
    });
}

fn until_said(stage: &Stage, what: &str) {
    for node in [WEB, EXECUTOR] {
        wait_for(what, || stage.cluster.nodes[node].log().contains(what).then_some(()));
    }
}

fn listed(stage: &Stage) -> String {
    String::from_utf8(stage.cluster.ask(&["nodes", "list"]).unwrap().stdout).unwrap()
}

#[test]
fn while_nobody_schedules_everybody_says_so_and_then_the_gap_is_answered() {
    let mut random = Random::seeded("roles");
    let mut stage = Stage::open(&mut random, plan(), LASTS, |load| load.noops(40).ticks(20).quick(20).broadcasts(2));
    sleep(LEASE);
    until_known(&stage, WEB, false);
    until_known(&stage, EXECUTOR, false);
    assert!(!listed(&stage).contains("no active node"));
    for node in SCHEDULERS {
        stage.cluster.nodes[node].kill().unwrap();
    }
    for node in [WEB, EXECUTOR] {
        until_known(&stage, node, true);
    }
    assert!(listed(&stage).contains("no active node plays scheduler: nothing becomes due"));
    let nodes: Value = serde_json::from_str(&ask(&stage, WEB, "/api/v1/nodes")).unwrap();
    assert_eq!(nodes["lacking"], serde_json::json!(["scheduler"]), "{nodes}");
    until_said(&stage, "no active node plays scheduler");

    // Its partitions are taken over by nobody for now.
    stage.cluster.nodes[DISPATCHER].kill().unwrap();
    wait_for("its lease to end", || (!listed(&stage).contains("dispatcher-1")).then_some(()));
    stage.cluster.nodes[SCHEDULERS[0]].launch().unwrap();
    until_known(&stage, EXECUTOR, false);
    until_said(&stage, "an active node plays scheduler again");
    let states = stage.balance();
    eprintln!("roles: {} slots, runs: {states:?}", stage.books.slots());
    let since = stage.books.slots() / 10;
    assert!(states.get("succeeded").copied().unwrap_or_default() > since, "{states:?}");
}
