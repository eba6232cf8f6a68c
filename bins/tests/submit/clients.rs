//! What clients submit, by the command line and as anybody can who knows the subject and the JSON.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::bus::{Caller, Login};
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::NodeName;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::wire::signing::{Keyring, Stamp};
use cronbus_core::wire::subject;
use cronbus_servers::{Kind, Server};
use serde_json::{Value, json};

use crate::support::{Node, cronbus, wait_for};

const KEY: &str = "c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11";

fn configuration(server: &Server, more: &str) -> String {
    format!("[bus]\nurl = {:?}\n{more}\n[cluster]\nkey = {KEY:?}\n", server.url())
}

struct Client {
    runtime: tokio::runtime::Runtime,
    caller: Caller,
}

impl Client {
    fn of(server: &Server) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (url, clock) = (ServiceUrl::new(server.url()), Arc::new(SystemClock::start().unwrap()));
        let caller = runtime.block_on(Caller::connect(&url, &Login::default(), clock)).unwrap();
        Self { runtime, caller }
    }

    fn ask(&self, subject: &'static str, question: &Value) -> Value {
        self.send(subject, serde_json::to_vec(question).unwrap())
    }

    fn send(&self, subject: &'static str, payload: Vec<u8>) -> Value {
        serde_json::from_slice(&self.runtime.block_on(self.caller.ask(subject, payload)).unwrap()).unwrap()
    }

    fn submit(&self, submission: &Value) -> Value {
        self.ask(subject::SUBMIT, submission)
    }
}

#[test]
fn jobs_and_commands_are_submitted_and_run_once_for_each_key() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, "submit = true"));
    let client = Client::of(&server);
    node.ask(&["job", "add", "greet", "--shell", "echo hello {{params.who}}"]);

    let submission = json!({ "job": "greet", "params": { "who": "ann" }, "idempotency_key": "k1" });
    let first = client.submit(&submission);
    let again = client.submit(&submission);
    assert_eq!(
        (&first["created"], &again["created"], &again["run_id"]),
        (&json!(true), &json!(false), &first["run_id"])
    );
    let run = node.wait_for_run(first["run_id"].as_str().unwrap(), &["succeeded"]);
    assert_eq!((&run["trigger"], &run["job"]), (&json!("adhoc"), &json!("greet")));
    assert_eq!(node.ask(&["run", "logs", first["run_id"].as_str().unwrap()]).trim(), "hello ann");

    let command = json!({ "command": { "shell": "exit 3" }, "target": { "node": "test" }, "timeout": "1m" });
    let runs = [client.submit(&command), client.submit(&command)];
    assert_ne!(runs[0]["run_id"], runs[1]["run_id"]);
    let names = runs.map(|run| {
        let run = node.wait_for_run(run["run_id"].as_str().unwrap(), &["failed"]);
        assert_eq!(run["exit_code"], 3);
        run["job"].clone()
    });
    assert!(names[0] == names[1] && names[0].as_str().unwrap().starts_with("adhoc/"), "{names:?}");

    for (wrong, code, field) in [
        (json!({ "job": "nobody" }), "not_found", json!("job")),
        (json!({ "command": { "shel": "x" } }), "invalid", json!("command.shel")),
        (json!([1]), "invalid", Value::Null),
        (json!({ "job": "greet", "params": { "whom": "ann" } }), "invalid", json!("params.whom")),
        (json!({ "command": { "noop": true }, "idempotency_key": "k1" }), "conflict", json!("idempotency_key")),
        (
            json!({ "job": "greet", "params": { "who": "ben" }, "idempotency_key": "k1" }),
            "conflict",
            json!("idempotency_key"),
        ),
    ] {
        let error = &client.submit(&wrong)["error"];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &field), "{error}");
        assert!(error["message"].as_str().unwrap().len() > 10);
    }
}

#[test]
fn the_command_line_submits_and_waits() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, "submit = true"));
    let url = server.url();
    let submit = |words: &[&str]| {
        let output = node.try_ask(&[&["submit", "--nats", &url], words].concat());
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, id, _) = submit(&["--command", "echo $CRONBUS_JOB", "--node", "test", "--wait"]);
    assert_eq!(code, Some(0));
    assert!(node.ask(&["run", "logs", id.trim()]).starts_with("adhoc/"));
    let (code, _, told) = submit(&["--command", "exit 7", "--wait"]);
    assert!(code == Some(1) && told.contains("failed"), "{code:?} {told}");
    let (code, _, told) = submit(&["nobody"]);
    assert!(code == Some(1) && told.contains("there is no job"), "{code:?} {told}");
    assert_eq!(submit(&[]).0, Some(2));
    let (code, answer, _) = submit(&["--document", r#"{"command":{"noop":true}}"#, "--json", "--wait"]);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((code, &answer["run"]["state"]), (Some(0), &json!("succeeded")));
}

#[test]
fn whoever_waits_for_a_run_is_told_what_that_waits_for() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, "submit = true"));
    let mut waiting = cronbus(&node.data())
        .args(["submit", "--nats", &server.url(), "--command", "true", "--group", "php", "--wait"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let line = |stream: &mut dyn Read| BufReader::new(stream).lines().next().unwrap().unwrap();
    let run = line(waiting.stdout.as_mut().unwrap());
    let told = line(waiting.stderr.as_mut().unwrap());
    assert!(told.starts_with("the run waits: no node fits the job's target, group `php`: test: "), "{told}");
    node.ask(&["run", "kill", &run]);
    assert!(line(waiting.stderr.as_mut().unwrap()).starts_with("the run was killed: "));
    assert_eq!(waiting.wait().unwrap().code(), Some(1));
}

#[test]
fn strangers_are_let_in_by_the_server_by_the_key_or_not_at_all() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, ""));
    let command = json!({ "command": { "noop": true } });
    let error = &Client::of(&server).submit(&command)["error"];
    assert_eq!(error["code"], "forbidden", "{error}");
    assert!(error["message"].as_str().unwrap().contains("bus.submit = true"), "{error}");
    let forged = json!({ "command": { "noop": true }, "idempotency_key": "x" }).to_string();
    let caller = Client::of(&server);
    let answer = caller.send(subject::SUBMIT, [&b"CBW\x01"[..], forged.as_bytes()].concat());
    assert_eq!(answer["error"]["code"], "forbidden", "{answer}");
    let submit = |key: &str| {
        let words = ["submit", "--nats", &server.url(), "--command", "true", "--wait"];
        cronbus(&node.data()).args(words).env("CRONBUS_CLUSTER__KEY", key).output().unwrap()
    };
    let refused = submit(&"deadbeef".repeat(8));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cluster key"), "{refused:?}");
    assert!(node.ask_json(&["run", "list"]).as_array().unwrap().is_empty());
    assert!(submit(KEY).status.success());
    assert_eq!(node.ask_json(&["run", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_copy_of_a_signed_submission_gives_the_same_run() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, ""));
    let client = Client::of(&server);
    let clock = SystemClock::start().unwrap();
    let now = cronbus_core::port::Clock::now(&clock);
    let stamp = |expires_at| Stamp {
        sender: NodeName::new("somebody").unwrap(),
        life: now,
        sequence: 7,
        expires_at,
        part: 0,
        parts: 1,
    };
    let keys = Keyring::parse(KEY).unwrap();
    let content = json!({ "command": { "noop": true } }).to_string();
    let fresh = keys.seal(subject::SUBMIT, &stamp(now + Duration::from_secs(60)), content.as_bytes());
    let [first, copy] = [fresh.clone(), fresh.clone()].map(|sealed| client.send(subject::SUBMIT, sealed));
    assert_eq!((&first["created"], &copy["created"]), (&json!(true), &json!(false)));
    assert_eq!(first["run_id"], copy["run_id"]);
    let old = keys.seal(subject::SUBMIT, &stamp(now - Duration::from_secs(600)), content.as_bytes());
    for refused in [client.send(subject::SUBMIT, old), client.send(subject::SUBMIT, [&fresh[..], b"x"].concat())] {
        assert_eq!(refused["error"]["code"], "forbidden", "{refused}");
    }
    assert_eq!(node.ask_json(&["run", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn plain_clients_are_let_in_where_the_server_asks_who_they_are() {
    let server = Server::start_with(Kind::Nats, &["--user", "ann", "--pass", "secret"]).unwrap();
    let url = server.url().replace("nats://", "nats://ann:secret@");
    let node = Node::start_with(&format!("[bus]\nurl = {url:?}\n[cluster]\nkey = {KEY:?}\n"));
    let output = node.try_ask(&["submit", "--nats", &url, "--command", "true", "--wait"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn nobody_answers_where_submissions_are_not_taken() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&configuration(&server, "submit = false"));
    let output = node.try_ask(&["submit", "--nats", &server.url(), "--command", "true"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("bus.submit"));
}

#[test]
fn what_is_queued_while_no_node_lives_is_run_by_the_next_one() {
    let server = Server::start(Kind::Nats).unwrap();
    let mut node = Node::start_with(&configuration(&server, "submit = true"));
    node.ask(&["job", "add", "later", "--shell", "true", "--overlap", "allow"]);
    node.signal(nix::sys::signal::Signal::SIGKILL);
    node.ended();
    let client = Client::of(&server);
    for key in ["one", "two", "one"] {
        let kept = client.ask(subject::SUBMIT_QUEUED, &json!({ "job": "later", "idempotency_key": key }));
        assert_eq!(kept["stream"], "CRONBUS_SUBMIT");
    }
    client.ask(subject::SUBMIT_QUEUED, &json!("nonsense"));
    client.ask(subject::SUBMIT_QUEUED, &json!({ "job": "later" }));
    node.start_again();
    let over = || {
        let runs = node.ask_json(&["job", "history", "later"]);
        let runs = runs.as_array().unwrap().clone();
        let done = runs.len() == 3 && runs.iter().all(|run| run["state"] == "succeeded");
        done.then_some(runs)
    };
    wait_for("the queued submissions to be run", over);
}
