//! How a node ends, and what the next one makes of it.

use nix::sys::signal::Signal;

use crate::support::{Node, cronbus, wait_for};

#[test]
fn a_second_node_is_kept_out_of_the_directory() {
    let node = Node::start();
    let second = cronbus(&node.data()).args(["node", "--listen", "127.0.0.1:0"]).output().unwrap();
    let told = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{told}");
    assert!(told.contains(&format!("process {}", node.pid())), "{told}");
}

#[test]
fn a_signal_lets_runs_end_and_a_second_one_does_not() {
    let mut node = Node::start();
    let run = node.run_shell("short", "sleep 2; echo done");
    node.wait_for_run(&run, &["running"]);
    node.signal(Signal::SIGTERM);
    assert_eq!(node.ended().code(), Some(0), "{}", node.log());
    assert!(!node.log().contains("panicked"), "{}", node.log());

    node.start_again();
    assert_eq!(node.wait_for_run(&run, &["succeeded", "failed", "killed", "lost"])["state"], "succeeded");
    assert_eq!(node.ask(&["run", "logs", &run]), "done\n");

    let run = node.run_shell("long", "sleep 1000");
    node.wait_for_run(&run, &["running"]);
    node.signal(Signal::SIGINT);
    wait_for("the node to end", || node.log().contains("ending: runs may go on").then_some(()));
    node.signal(Signal::SIGTERM);
    assert_eq!(node.ended().code(), Some(0), "{}", node.log());
    node.start_again();
    assert_eq!(node.wait_for_run(&run, &["succeeded", "failed", "killed", "lost"])["state"], "killed");
}

#[test]
fn after_a_crash_what_ran_inline_is_lost_and_nothing_is_forgotten() {
    let mut node = Node::start_with("[executor]\nisolation = \"inline\"\n");
    let run = node.run_shell("long", "sleep 1000");
    node.wait_for_run(&run, &["running"]);
    node.signal(Signal::SIGKILL);
    node.ended();
    node.start_again();
    assert_eq!(node.wait_for_run(&run, &["succeeded", "failed", "killed", "lost"])["state"], "lost");
    assert_eq!(node.ask_json(&["job", "list"])[0]["name"], "long");
}

#[test]
fn the_configuration_is_read_again_and_a_faulty_one_changes_nothing() {
    let node = Node::start();
    let says = |text: &str| wait_for(text, || node.log().contains(text).then_some(()));
    std::fs::write(node.config_path(), "[log]\nlevel = \"info,cronbus=debug\"\n[executor]\nslots = 3\n").unwrap();
    node.signal(Signal::SIGHUP);
    says("executor.slots = 3 needs a restart");
    says("log.level is");
    std::fs::write(node.config_path(), "[executor]\nslot = 3\n").unwrap();
    node.signal(Signal::SIGHUP);
    says("did you mean `executor.slots`");
    assert_eq!(node.ask_json(&["nodes", "list"])[0]["name"], "test");
}
