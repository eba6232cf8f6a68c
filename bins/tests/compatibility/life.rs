//! What a node leaves behind, in its database and in its data directory, and what a node of today makes of that.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::signal::Signal;
use reqwest::StatusCode;
use serde_json::{Map, Value};

use crate::database::{Database, Engine};
use crate::release::Release;
use crate::rule::{Breach, Rule, losses};
use crate::schema;
use crate::support::{Client, Node, wait_for};

const SHOWN: Rule = Rule {
    about: "data",
    says: "a node shows what the release before wrote as that did: jobs, runs, what they printed, accounts, secrets, what \
           was told to whom",
    instead: "read what was written as it was; what is kept in another form now is read in both for a release",
};

/// What a node is told, so that nothing of what is recorded ever is too old.
const CONFIGURATION: &str = "[retention]\nruns_age = \"36500d\"\nlog_age = \"36500d\"\n[audit]\nkeep = \"36500d\"\n\
                             [alerts]\nlook_every = \"100ms\"\ngroup_wait = \"0s\"\n\
                             [[alerts.rule]]\nname = \"all\"\nchannels = [\"ops-mail\"]\n\
                             [alerts.channel.ops-mail]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\nallow_private = true\n";

/// What seals the secrets of such nodes.
const KEY: &str = "4242424242424242424242424242424242424242424242424242424242424242";

/// The files of the data directory that are recorded, beside the database.
const FILES: &str = "data";

/// What a node answers that another one answers otherwise, or at another time.
const OF_THE_MOMENT: [&str; 7] =
    ["next_at", "last_used_at", "no_node", "waiting_for", "status", "active", "next_try_at"];

fn answers_of(engine: Engine) -> String {
    format!("schema/{}.answers.json", engine.word())
}

/// A node on a database, not started yet.
fn node_on(database: &Database) -> Node {
    let mut node = Node::prepare("cronbus.toml", CONFIGURATION);
    fs::create_dir_all(node.data()).unwrap();
    node.set("CRONBUS_DATABASE__URL", database.url());
    node.set("CRONBUS_DATABASE__MIGRATE", "true");
    node.set("CRONBUS_SECRETS__KEY", KEY);
    node
}

/// What of an answer holds at any time.
fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let lasting = fields.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
            lasting.map(|(name, value)| (name.clone(), self::lasting(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(lasting).collect(),
        other => other.clone(),
    }
}

fn get(client: &Client, node: &Node, path: &str) -> Result<Value, String> {
    let (status, _, text) = client.send(client.get(node, path));
    let value = || serde_json::from_str(&text).unwrap_or_else(|_| text.clone().into());
    if status == StatusCode::OK { Ok(lasting(&value())) } else { Err(format!("{status}: {text}")) }
}

#[test]
fn a_node_shows_what_earlier_releases_left_in_each_database() {
    let client = Client::new();
    for release in Release::all().into_iter().filter(|release| release.path("schema").exists()) {
        for engine in Engine::ALL {
            let database = schema::recorded(&release, engine);
            let mut node = node_on(&database);
            node.start_again();
            for (path, recorded) in release.json(&answers_of(engine)).as_object().unwrap() {
                let part = format!("{} {path}", engine.word());
                let breaches = match get(&client, &node, path) {
                    Ok(today) => losses(&part, recorded, &today),
                    Err(told) => vec![Breach::new(part, told)],
                };
                SHOWN.hold(&release, breaches);
            }
        }
    }
}

#[test]
fn a_node_goes_on_with_the_data_directory_of_an_earlier_release() {
    for release in Release::all().into_iter().filter(|release| release.path(FILES).exists()) {
        let database = schema::recorded(&release, Engine::Sqlite);
        let mut node = node_on(&database);
        copy(&release.path(FILES), &node.data());
        let kept = |name: &str| fs::read_to_string(node.data().join(name)).unwrap();
        let (token, before) = (kept("admin.token"), kept("node.json"));
        node.start_again();
        let kept = |name: &str| fs::read_to_string(node.data().join(name)).unwrap();
        assert_eq!(kept("admin.token"), token, "whoever has the token would be kept out");
        SHOWN.hold(&release, losses("node.json", &names(&before), &names(&kept("node.json"))));
        let runs = release.json("schema/runs.json");
        let log = node.ask(&["run", "logs", runs["printed"].as_str().unwrap()]);
        assert!(log.contains("recorded world"), "what a run of release {} printed: {log}", release.version());
        // It was running when its node was killed, as the spool says; its process is not there any more.
        node.wait_for_run(runs["begun"].as_str().unwrap(), &["lost"]);
        let secret = node.ask(&["job", "run", "secretive"]);
        node.wait_for_run(secret.trim(), &["succeeded"]);
    }
}

/// The fields of a document, without their values.
fn names(text: &str) -> Value {
    let fields: Map<String, Value> = serde_json::from_str(text).unwrap();
    fields.into_iter().map(|(name, _)| (name, Value::Null)).collect::<Map<_, _>>().into()
}

/// For the owner alone, as a node makes it: what keeps the recorded files does not keep that.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
            fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// What happens in the life that is recorded: something of all that a node can write.
struct Life {
    node: Node,
    printed: String,
    over: Vec<String>,
    begun: String,
}

fn live(release: &Release, database: &Database) -> Life {
    let mut node = node_on(database);
    node.start_again();
    let given = node.data().with_extension("given");
    let given = given.to_str().unwrap();
    fs::write(given, "open sesame").unwrap();
    node.ask(&["secret", "set", "recorded", "--file", given]);
    node.ask(&["apply", "-f", release.path("jobs.toml").to_str().unwrap()]);
    node.ask(&["job", "add", "secretive", "--shell", "test {{secret.recorded}} = 'open sesame'"]);
    let run = |job: &str| node.ask(&["job", "run", job]).trim().to_owned();
    let (printed, failed, secretive) = (run("by/hand"), run("defaults"), run("secretive"));
    let killed = node.run_shell("killed", "echo before; sleep 60");
    node.wait_for_run(&killed, &["running"]);
    node.ask(&["run", "kill", &killed]);
    let over = vec![printed.clone(), failed, secretive, killed];
    for (run, state) in over.iter().zip(["succeeded", "failed", "succeeded", "killed"]) {
        node.wait_for_run(run, &[state]);
    }
    keep_house(&node, given);
    let begun = node.run_shell("begun", "echo begun; sleep 20");
    node.wait_for_run(&begun, &["running"]);
    Life { node, printed, over, begun }
}

/// Accounts, silences and changed jobs, and what was told of the failure.
fn keep_house(node: &Node, given: &str) {
    node.ask(&["job", "edit", "calls", "--set", "priority=8"]);
    node.ask(&["job", "pause", "quartz"]);
    node.ask(&["job", "add", "deleted", "--noop"]);
    node.ask(&["job", "rm", "deleted"]);
    node.ask(&["account", "user", "add", "ann", "--grant", "operator:php", "--no-password"]);
    node.ask(&["account", "token", "create", "ci", "--grant", "viewer"]);
    node.ask(&["alert", "silence", "add", "--job", "quiet-*", "--until", "2099-01-01T00:00:00Z", "--why", "recorded"]);
    fs::remove_file(given).unwrap();
    let is_told =
        || node.ask_json(&["alert", "deliveries"]).as_array().is_some_and(|told| !told.is_empty()).then_some(());
    wait_for("something to be told", is_told);
}

/// The questions whose answers are recorded.
fn questions(life: &Life) -> Vec<String> {
    let jobs = ["everything", "calls", "quartz", "by%2Fhand", "defaults", "secretive"];
    let of_jobs = jobs.iter().flat_map(|job| [format!("/api/v1/jobs/{job}"), format!("/api/v1/jobs/{job}/revisions")]);
    let of_runs = life.over.iter().map(|run| format!("/api/v1/runs/{run}"));
    let lists = ["users", "tokens", "secrets", "silences"].map(|list| format!("/api/v1/{list}"));
    of_jobs.chain(of_runs).chain(lists).collect()
}

/// Lives on each database, and keeps what is left when the node is killed.
pub(crate) fn record(release: &Release) {
    let client = Client::new();
    for engine in Engine::ALL {
        let database = Database::empty(engine);
        let mut life = live(release, &database);
        let answer = |path: String| {
            let answer = get(&client, &life.node, &path).unwrap_or_else(|told| panic!("{path}: {told}"));
            (path, answer)
        };
        let answers: Map<String, Value> = questions(&life).into_iter().map(answer).collect();
        life.node.signal(Signal::SIGKILL);
        life.node.ended();
        release.write_json(&answers_of(engine), &answers);
        schema::record(release, &database);
        if engine == Engine::Sqlite {
            let _ = fs::remove_dir_all(release.path(FILES));
            copy(&life.node.data(), &release.path(FILES));
            for lock in ["node.lock", "spool/lock"] {
                drop(fs::remove_file(release.path(FILES).join(lock)));
            }
            let runs = serde_json::json!({ "printed": life.printed, "begun": life.begun });
            release.write_json("schema/runs.json", &runs);
        }
    }
}
