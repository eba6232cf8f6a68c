//! Secrets on their way through a cluster: only the run has them, and only while their key is right.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::stage::{SECRETS_KEY, Stage};
use crate::support::{holding, wait_for};

const VALUE: &str = "correct-horse-battery";

/// The same in base64, and as a part of it that no other has.
const ENCODED: &str = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";

const OTHER_KEY: &str = "07e407e407e407e407e407e407e407e407e407e407e407e407e407e407e407e4";

const DECIDER: usize = 0;
const WEB: usize = 1;

fn set(stage: &Stage, name: &str, value: &str) {
    let file = stage.file("value");
    std::fs::write(&file, value).unwrap();
    stage.ask(&["secret", "set", name, "--file", &file.display().to_string()]);
    std::fs::remove_file(file).unwrap();
}

fn run(stage: &Stage) -> String {
    stage.ask(&["job", "run", "print"]).trim().to_owned()
}

fn ends(stage: &Stage, run: &str) -> Value {
    wait_for("the run to end", || {
        let shown: Value = serde_json::from_slice(&stage.try_ask(&["run", "show", run, "--json"]).stdout).ok()?;
        shown["ended_at"].is_string().then_some(shown)
    })
}

/// Runs the job, which must fail before it begins, and returns why.
fn refused(stage: &Stage) -> String {
    let ended = ends(stage, &run(stage));
    assert_eq!(ended["state"], "failed", "{ended}");
    ended["reason"].as_str().unwrap().to_owned()
}

/// Gives the nodes that decide another key.
fn change_keys(stage: &mut Stage, from: &str, to: &str) {
    for node in [DECIDER, WEB].map(|place| stage.cluster.nodes[place].name().to_owned()) {
        let node = stage.cluster.node(&node).unwrap();
        node.stop().unwrap();
        let text = std::fs::read_to_string(node.config_file()).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(node.config_file(), text.replace(from, to)).unwrap();
        node.launch().unwrap();
    }
    stage.cluster.wait_for_members().unwrap();
}

fn sql(stage: &Stage, statement: &str) {
    let done = Command::new("psql").args([&stage.cluster.database.url(), "-c", statement]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Nothing that the servers or the nodes have written holds the value.
fn nowhere(stage: &Stage) {
    let cluster = &stage.cluster;
    let logs = [&cluster.nats, &cluster.etcd, &cluster.redis, &cluster.database].map(|server| server.log());
    let servers = logs.iter().filter_map(|log| log.parent());
    for folder in servers.chain([cluster.folder()]) {
        for text in [VALUE, ENCODED] {
            assert_eq!(holding(Path::new(folder), text.as_bytes()), Vec::<String>::new(), "{text}");
        }
    }
}

#[test]
fn a_secret_reaches_its_run_alone_and_only_with_its_key() {
    let mut stage = Stage::open();
    set(&stage, "key", VALUE);
    set(&stage, "other", "another-value");
    let line = "x={{secret.key}}; echo \"$x\"; printf %s \"$x\" | base64; test ${#x} = 21 && echo it arrived";
    stage.ask(&["job", "add", "print", "--shell", line]);
    let first = run(&stage);
    assert_eq!(ends(&stage, &first)["state"], "succeeded");
    let log = stage.ask(&["run", "logs", &first]);
    assert!(log.contains("it arrived") && log.contains("••••"), "{log}");
    assert!(!log.contains(VALUE) && !log.contains(ENCODED), "{log}");
    nowhere(&stage);

    sql(
        &stage,
        "UPDATE secrets SET document = jsonb_set(document::jsonb, '{sealed}', \
         (SELECT document::jsonb -> 'sealed' FROM secrets WHERE name = 'other'))::text WHERE name = 'key'",
    );
    let reason = refused(&stage);
    assert!(reason.contains("in the place of another"), "{reason}");
    set(&stage, "key", VALUE);

    change_keys(&mut stage, SECRETS_KEY, OTHER_KEY);
    let reason = refused(&stage);
    assert!(reason.contains("the secret `key` cannot be opened") && reason.contains("secrets.key_file"), "{reason}");

    change_keys(&mut stage, OTHER_KEY, &format!("{OTHER_KEY} {SECRETS_KEY}"));
    assert_eq!(stage.ask(&["secret", "rotate"]).trim(), "sealed 2 secrets with the first key");
    change_keys(&mut stage, &format!("{OTHER_KEY} {SECRETS_KEY}"), OTHER_KEY);
    assert_eq!(ends(&stage, &run(&stage))["state"], "succeeded");
    nowhere(&stage);
}
