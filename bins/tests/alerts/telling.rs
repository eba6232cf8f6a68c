//! What arrives at people.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::receiver::Receiver;
use crate::support::{Node, wait_for};

/// A rule about every job, and an alerter that does not wait long.
const RULE: &str = "[alerts]\ngroup_wait = \"300ms\"\nlook_every = \"300ms\"\n\
                    [[alerts.rule]]\nname = \"all\"\nchannels = [\"hook\"]\n";

fn node(receiver: &Receiver) -> Node {
    Node::start_with(&format!("{RULE}{}", receiver.channel()))
}

fn wait_for_messages(receiver: &Receiver, count: usize) -> Vec<Value> {
    wait_for("messages to arrive", || Some(receiver.got()).filter(|got| got.len() >= count))
}

fn told(node: &Node) -> Vec<Value> {
    node.ask_json(&["alert", "deliveries"]).as_array().unwrap().clone()
}

#[test]
fn a_failure_is_told_and_its_recovery_and_both_are_listed() {
    let receiver = Receiver::start();
    let node = node(&receiver);
    let flag = node.data().join("well");
    let line = format!("echo looking; test -e {}", flag.display());
    let run = node.run_shell("report", &line);
    let failure = wait_for_messages(&receiver, 1).remove(0);
    assert_eq!((failure["kind"].as_str(), failure["run"].as_str()), (Some("failed"), Some(run.as_str())));
    assert_eq!(failure["title"], "report failed");
    assert_eq!(failure["log_tail"], "looking");

    let firing = node.ask_json(&["alert", "list"]);
    assert_eq!((&firing[0]["job"], &firing[0]["told"][0]), (&"report".into(), &"hook".into()), "{firing}");
    let told = node.ask(&["alert", "ack", firing[0]["id"].as_str().unwrap(), "--note", "on it"]);
    assert!(told.contains("looked after by"), "{told}");

    std::fs::write(&flag, "").unwrap();
    node.ask(&["job", "run", "report", "--wait"]);
    let recovery = wait_for_messages(&receiver, 2).remove(1);
    assert_eq!((&recovery["kind"], &recovery["thread"]), (&"recovered".into(), &failure["thread"]));
    wait_for("the alert to end", || (node.ask_json(&["alert", "list"]) == serde_json::json!([])).then_some(()));
    let history = node.ask_json(&["alert", "history", "--job", "report"]);
    let kinds: Vec<&str> = history.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["recovered", "failed"]);
}

#[test]
fn killed_between_the_failure_and_the_message_it_is_told_all_the_same() {
    let receiver = Receiver::start();
    receiver.refuses(true);
    let mut node = node(&receiver);
    let run = node.run_shell("report", "exit 3");
    node.wait_for_run(&run, &["failed"]);
    node.signal(Signal::SIGKILL);
    node.ended();
    node.start_again();
    // Whether it had come to a message before or not: there is one, and it was not taken.
    let waiting =
        wait_for("a try in vain", || told(&node).into_iter().find(|delivery| delivery["tries"].as_u64() > Some(0)));
    assert_eq!(waiting["progress"], "waiting");
    node.signal(Signal::SIGKILL);
    node.ended();
    receiver.refuses(false);
    node.start_again();
    let message = wait_for_messages(&receiver, 1).remove(0);
    assert_eq!((&message["id"], &message["run"]), (&waiting["id"], &run.as_str().into()), "the same message");
    wait_for("the delivery to be noted", || {
        told(&node).iter().all(|delivery| delivery["progress"] == "delivered").then_some(())
    });
    let ids: Vec<Value> = receiver.got().into_iter().map(|message| message["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == message["id"]), "told twice: {ids:?}");
    assert_eq!(told(&node).len(), 1);
}

#[test]
fn a_channel_that_hangs_holds_up_no_other() {
    let receiver = Receiver::start();
    // Connections are taken, and never answered.
    let hangs = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stuck = receiver.channel().replace("channel.hook", "channel.stuck");
    let (before, after) = stuck.split_once("http://").unwrap();
    let (_, after) = after.split_once('"').unwrap();
    let stuck = format!("{before}http://{}/\"{after}", hangs.local_addr().unwrap());
    let rule =
        RULE.replace("[alerts]\n", "[alerts]\ntimeout = \"1m\"\n").replace("[\"hook\"]", "[\"hook\", \"stuck\"]");
    let node = Node::start_with(&format!("{rule}{}{stuck}", receiver.channel()));
    for (number, job) in ["first", "second"].iter().enumerate() {
        node.run_shell(job, "false");
        wait_for_messages(&receiver, number + 1);
    }
    let stuck: Vec<Value> = told(&node).into_iter().filter(|delivery| delivery["channel"] == "stuck").collect();
    assert!(stuck.iter().all(|delivery| delivery["tries"] == 0), "the other waited for it: {stuck:?}");
}

#[test]
fn a_storm_is_one_message_and_a_silence_none() {
    const JOBS: u64 = 100;
    let receiver = Receiver::start();
    let mut node =
        Node::start_with(&format!("{}{}", RULE.replace("wait = \"300ms", "wait = \"5s"), receiver.channel()));
    node.ask(&["alert", "silence", "add", "--job", "quiet-*", "--for", "1h", "--why", "known"]);
    let silent = node.run_shell("quiet-one", "false");
    node.wait_for_run(&silent, &["failed"]);
    let job =
        |number| format!("[[job]]\nname = \"s-{number}\"\nschedule = \"@reboot\"\ncommand = {{ shell = \"false\" }}\n");
    apply(&node, &(0..JOBS).map(job).collect::<String>());
    node.signal(Signal::SIGTERM);
    node.ended();
    node.start_again();
    let messages = wait_for("all of them to be told of", || {
        let got = receiver.got();
        let sum: u64 = got.iter().map(|message| message["grouped"].as_u64().unwrap()).sum();
        (sum == JOBS).then_some(got)
    });
    assert!(messages.len() <= 10, "{} messages for {JOBS} failures", messages.len());
    assert!(messages.iter().any(|message| message["title"].as_str().unwrap().contains("alerts:")));
    assert!(node.ask(&["alert", "silence", "list"]).contains("known"));
    let silenced = node.ask_json(&["alert", "history", "--job", "quiet-one"]);
    assert_eq!(silenced[0]["kind"], "failed", "it is in the history all the same");
}

fn apply(node: &Node, jobs: &str) -> std::process::Output {
    let file = node.data().join("jobs.toml");
    std::fs::write(&file, jobs).unwrap();
    node.try_ask(&["apply", "-f", file.to_str().unwrap()])
}

#[test]
fn a_job_that_names_a_channel_that_is_not_there_is_refused() {
    let receiver = Receiver::start();
    let node = node(&receiver);
    let job =
        |channel| format!("[[job]]\nname = \"report\"\ncommand = {{ shell = \"true\" }}\nalerts = [\"{channel}\"]\n");
    let refused = apply(&node, &job("pager"));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("pager") && said.contains("hook"), "{said}");
    assert!(apply(&node, &job("hook")).status.success());
}
