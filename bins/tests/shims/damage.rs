//! What is said of runs when something of them is gone.

use std::fs::File;
use std::os::unix::fs::FileExt;

use cronbus_servers::outlived::{file_of, processes};
use cronbus_shim_kit::{Process, proc};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use serde_json::Value;

use crate::away::{OVER, kill, wait_for_exit};
use crate::support::{Node, wait_for};

/// Where the places in a run's file are (`cronbus_shim_kit::file`).
const EXIT_AT: u64 = 2048;

/// A run that goes on, its node, and its shim and leader.
fn running(line: &str) -> (Node, String, (Process, Process)) {
    let node = Node::start();
    let run = node.run_shell("job", line);
    node.wait_for_run(&run, &["running"]);
    let processes = processes(&file_of(&node.data(), &run)).unwrap();
    (node, run, processes)
}

fn lost(node: &Node, run: &str, part: &str) -> Value {
    let ended = node.wait_for_run(run, &OVER);
    assert_eq!(ended["state"], "lost", "{ended}");
    assert!(ended["reason"].as_str().unwrap().contains(part), "{ended}");
    ended
}

fn flip(node: &Node, run: &str, at: u64) {
    let file = File::options().read(true).write(true).open(file_of(&node.data(), run)).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0xff], at).unwrap();
}

fn signal(process: Process, signal: Signal) {
    nix::sys::signal::kill(Pid::from_raw(process.pid.try_into().unwrap()), signal).unwrap();
}

#[test]
fn an_end_that_was_torn_is_not_believed() {
    let (mut node, run, _) = running("echo said; sleep 2; exit 3");
    kill(&mut node);
    wait_for_exit(&node, &run);
    flip(&node, &run, EXIT_AT + 12);
    node.start_again();
    lost(&node, &run, "how it ended is not known");
    assert!(node.ask(&["run", "logs", &run]).starts_with("said\n"));
}

#[test]
fn output_that_was_torn_is_told_up_to_there() {
    let (mut node, run, _) = running("sleep 1; echo one; sleep 0.3; echo two; exit 3");
    kill(&mut node);
    wait_for_exit(&node, &run);
    let file = File::options().write(true).open(file_of(&node.data(), &run)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 2).unwrap();
    node.start_again();
    assert_eq!(node.wait_for_run(&run, &OVER)["exit_code"], 3);
    let printed = node.ask(&["run", "logs", &run]);
    assert!(printed.starts_with("one\n") && !printed.contains("two"), "{printed}");
}

#[test]
fn a_run_whose_file_is_gone_is_ended_and_lost() {
    let (mut node, run, (shim, leader)) = running("sleep 1000");
    kill(&mut node);
    std::fs::remove_file(file_of(&node.data(), &run)).unwrap();
    node.start_again();
    lost(&node, &run, "what was left of its processes was ended");
    wait_for("the end of both", || (!proc::lives(leader) && !proc::lives(shim)).then_some(()));
}

#[test]
fn a_run_whose_shim_is_killed_is_ended_and_lost() {
    let (node, run, (shim, leader)) = running("sleep 1000");
    signal(shim, Signal::SIGKILL);
    lost(&node, &run, "by signal 9; what was left of its processes was ended");
    assert!(!proc::lives(leader));
}

#[test]
fn a_run_whose_shim_is_killed_while_the_node_is_away_is_ended_and_lost() {
    let (mut node, run, (shim, leader)) = running("echo before; sleep 1000");
    kill(&mut node);
    signal(shim, Signal::SIGKILL);
    wait_for("its end", || (!proc::lives(shim)).then_some(()));
    assert!(proc::lives(leader));
    node.start_again();
    lost(&node, &run, "what was left of its processes was ended");
    assert!(!proc::lives(leader));
    assert!(node.ask(&["run", "logs", &run]).starts_with("before\n"));
}

/// Writes another plan in place of a run's own.
fn replan(node: &Node, run: &str, change: impl FnOnce(&mut cronbus_shim_kit::file::Plan)) {
    let path = file_of(&node.data(), run);
    let mut plan = cronbus_shim_kit::file::read_plan(&File::open(&path).unwrap()).unwrap().unwrap();
    change(&mut plan);
    let file = File::options().write(true).open(&path).unwrap();
    cronbus_shim_kit::file::create(&file, &plan).unwrap();
}

#[test]
fn another_process_with_the_number_of_a_shim_is_no_shim() {
    let (mut node, run, (shim, leader)) = running("sleep 1000");
    kill(&mut node);
    replan(&node, &run, |plan| plan.shim.start_ticks += 1);
    node.start_again();
    lost(&node, &run, "is gone; what was left of its processes was ended");
    assert!(!proc::lives(leader));
    // It was another one's number: it got no signal, and ends because its command did.
    wait_for("the end of the shim", || (!proc::lives(shim)).then_some(()));
}

#[test]
fn nothing_outlives_a_boot() {
    let (mut node, run, (_, leader)) = running("sleep 1000");
    kill(&mut node);
    replan(&node, &run, |plan| plan.boot = "another".to_owned());
    node.start_again();
    lost(&node, &run, "the machine was started again while it ran");
    assert!(proc::lives(leader), "whoever has this number now is somebody else");
    signal(leader, Signal::SIGKILL);
}
