//! What a node says of the services it leans on, and of whether it takes work.

use cronbus_servers::{Kind, Server};
use nix::sys::signal::Signal;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Client, Node, wait_for};

fn part(client: &Client, node: &Node, name: &str) -> (StatusCode, Value) {
    let (status, _, text) = client.send(client.get(node, "/readyz"));
    (status, serde_json::from_str::<Value>(&text).unwrap()["parts"][name].take())
}

#[test]
fn a_node_without_its_guard_is_ready_and_says_what_is_missing() {
    let mut redis = Server::start(Kind::Redis).unwrap();
    let node = Node::start_with(&format!("[guard]\nurl = \"{}\"\n", redis.url()));
    let client = Client::new();
    wait_for("the node to be ready", || {
        let (status, guard) = part(&client, &node, "guard");
        (status == StatusCode::OK && guard["ok"] == true).then_some(())
    });
    redis.kill().unwrap();
    wait_for("the guard to be missed", || {
        let (status, guard) = part(&client, &node, "guard");
        assert_eq!(status, StatusCode::OK);
        (guard["ok"] == false && guard["since"].is_string()).then_some(())
    });
    assert!(node.ask(&["nodes", "list"]).contains("guard is away since"));
    node.ask(&["job", "add", "often", "--schedule", "@every 1s", "--shell", "true"]);
    wait_for("a run without the guard", || {
        let runs = node.ask_json(&["run", "list"]);
        runs.as_array().unwrap().iter().any(|run| run["state"] == "succeeded").then_some(())
    });
    redis.start_again().unwrap();
    wait_for("the guard to be back", || (part(&client, &node, "guard").1["ok"] == true).then_some(()));
    assert!(!node.ask(&["nodes", "list"]).contains("away"));
}

#[test]
fn a_node_is_not_started_with_services_that_refuse_it() {
    let redis = Server::start_with(Kind::Redis, &["--requirepass", "right"]).unwrap();
    let url = format!("redis://:wrong@127.0.0.1:{}", redis.port());
    let folder = tempfile::tempdir().unwrap();
    let mut command = crate::support::cronbus(folder.path());
    let told = command.args(["node", "--listen", "127.0.0.1:0"]).env("CRONBUS_GUARD__URL", url).output().unwrap();
    let (code, text) = (told.status.code(), String::from_utf8_lossy(&told.stderr).into_owned());
    assert!(code == Some(1) && text.contains("password in guard.url") && !text.contains("wrong"), "{text}");
}

#[test]
fn a_drained_node_takes_no_work_and_stays_so_until_it_is_undrained() {
    let mut node = Node::start();
    let told = node.ask(&["nodes", "drain", "test"]);
    assert!(told.contains("test is draining") && told.contains("scheduler, dispatcher, executor"), "{told}");
    wait_for("the node to note it", || node.data().join("node.draining").exists().then_some(()));
    node.signal(Signal::SIGKILL);
    node.ended();
    node.start_again();
    assert_eq!(node.ask_json(&["nodes", "list"])[0]["state"], "draining");

    let told = node.ask(&["nodes", "undrain", "test"]);
    assert!(told.contains("test is active") && !told.contains("no active node"), "{told}");
    assert_eq!(node.ask_json(&["nodes", "list"])[0]["state"], "active");
    let run = node.run_shell("after", "true");
    node.wait_for_run(&run, &["succeeded"]);

    let refused = node.try_ask(&["nodes", "drain", "nobody"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no living node is called `nobody`"));
}

#[test]
fn draining_waits_for_what_runs_and_says_when_something_is_left() {
    let node = Node::start();
    let gate = node.data().join("gate");
    let run = node.run_shell("patient", &format!("until test -e {}; do sleep 0.05; done", gate.display()));
    node.wait_for_run(&run, &["running"]);
    let left = node.try_ask(&["nodes", "drain", "test", "--timeout", "1s"]);
    assert_eq!(left.status.code(), Some(1));
    let told = String::from_utf8_lossy(&left.stderr);
    assert!(told.contains("test still runs 1") && told.contains("cronbus run list --node test"), "{told}");

    std::fs::write(gate, "").unwrap();
    let told = node.ask(&["nodes", "drain", "test", "--timeout", "2m"]);
    assert!(told.ends_with("test runs nothing\n"), "{told}");
    // Nobody else is there who could record how it ended.
    node.ask(&["nodes", "undrain", "test"]);
    node.wait_for_run(&run, &["succeeded"]);
}
