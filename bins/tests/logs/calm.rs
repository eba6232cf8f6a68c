//! While everything works.

use std::time::Instant;

use serde_json::Value;

use crate::stage::{Follower, Stage};
use crate::support::wait_for;

#[test]
fn logs_and_configuration_of_every_host_are_read_from_another() {
    let stage = Stage::open();
    a_log_is_followed_live_from_its_beginning(&stage);
    configurations_are_shown_with_their_sources(&stage);
    a_flood_slows_nobody_else(&stage);
}

fn a_log_is_followed_live_from_its_beginning(stage: &Stage) {
    let shell = format!("echo first; {}; echo second >&2; echo last", stage.until("go"));
    let run = stage.run("red", "live", &shell);
    stage.wait_for_state(&run, "running");
    everybody_is_shown_how_much_it_executes(stage);
    let early = stage.follow(&run);
    early.sees("first");
    // Who comes later sees it from the beginning, too.
    let late = stage.follow(&run);
    late.sees("first");
    stage.release("go");
    for follower in [early, late] {
        assert_eq!(follower.ends(), (vec!["last".to_owned()], "second\n".to_owned()));
    }
    assert_eq!(stage.ask(&["run", "logs", &run]), "first\nlast\n");
    let silent = stage.run("blue", "silent", "true");
    let (lines, said) = stage.follow(&silent).ends();
    assert!(lines.is_empty() && said.is_empty(), "{lines:?} {said}");
}

/// The one that is asked executes nothing, and knows of those who do.
fn everybody_is_shown_how_much_it_executes(stage: &Stage) {
    let listed = stage.ask(&["nodes", "list"]);
    let running = |name: &str| {
        let column = listed.lines().next().unwrap().find("RUNNING").unwrap();
        let row =
            listed.lines().find(|line| line.starts_with(&format!("{name} ")) || line.contains(&format!(" {name} ")));
        row.unwrap()[column..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(["red", "blue", "web", "decider"].map(running), ["1/16", "0/16", "-", "-"], "{listed}");
    let nodes: Value = serde_json::from_str(&stage.ask(&["nodes", "list", "--json"])).unwrap();
    let capacity = |name: &str| {
        let node = nodes.as_array().unwrap().iter().find(|node| node["name"] == name);
        node.unwrap()["capacity"].as_u64()
    };
    assert_eq!([capacity("red"), capacity("web")], [Some(16), Some(0)]);
}

fn configurations_are_shown_with_their_sources(stage: &Stage) {
    for node in ["red", "blue", "decider", "web"] {
        let shown = stage.ask(&["config", "print", "--node", node, "--json"]);
        let values: Vec<Value> = serde_json::from_str(&shown).unwrap();
        let of = |key: &str| values.iter().find(|value| value["key"] == key).unwrap().clone();
        assert_eq!(of("node.name")["value"], format!("\"{node}\""));
        assert_eq!(of("executor.output_limit")["value"], "\"64KiB\"");
        assert!(of("executor.output_limit")["source"].as_str().unwrap().contains("cronbus.toml, line"));
        assert_eq!(of("executor.queue")["source"], "default");
    }
    let nobody = stage.try_ask(&["config", "print", "--node", "nobody"]);
    assert!(!nobody.status.success());
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no living node is called `nobody`"));
    let address = stage.cluster.address().unwrap();
    let asked = crate::support::Client::new();
    let (refused, _, _) = asked.send(asked.http.get(format!("{address}/api/v1/nodes/red/config")));
    assert_eq!(refused, 401, "it is told to nobody without the token");
}

fn a_flood_slows_nobody_else(stage: &Stage) {
    let turns = |name: &str| -> String {
        let turn = |number| format!("echo turn {number}; {}", stage.until(&format!("{name}-{number}")));
        (0..10).map(turn).collect::<Vec<_>>().join("; ")
    };
    let alone = stage.run("red", "alone", &turns("alone"));
    let alone = take_turns(stage, "alone", &stage.follow(&alone));
    let flood = stage.run("red", "flood", &format!("yes & {}; kill $!", stage.until("dry")));
    stage.wait_for_state(&flood, "running");
    let cut = wait_for("the flood to be cut, while it goes on", || {
        let output = stage.try_ask(&["run", "logs", &flood]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.contains("left out here so far").then_some(output.stdout)
    });
    assert!(cut.len() > 32 << 10 && cut.len() <= 200 << 10, "head and tail: {} bytes", cut.len());
    let beside = stage.run("red", "beside", &turns("beside"));
    let beside = take_turns(stage, "beside", &stage.follow(&beside));
    assert!(beside < alone * 20, "{beside:?} beside a flood, {alone:?} without");
    stage.release("dry");
    stage.wait_for_state(&flood, "succeeded");
    let (lines, said) = stage.follow(&flood).ends();
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    assert!(bytes <= (64 << 10) + 2 && said.contains("bytes of output are left out here\n"), "{bytes} {said}");
}

/// Each line is answered when it was seen. Returns how long that took.
fn take_turns(stage: &Stage, name: &str, follower: &Follower) -> std::time::Duration {
    follower.sees("turn 0");
    let begun = Instant::now();
    for number in 0..9 {
        stage.release(&format!("{name}-{number}"));
        follower.sees(&format!("turn {}", number + 1));
    }
    let took = begun.elapsed();
    stage.release(&format!("{name}-9"));
    took
}
