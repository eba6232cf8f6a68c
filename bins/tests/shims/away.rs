//! The node is killed in the middle.

use std::fs::File;

use cronbus_servers::outlived::file_of;
use cronbus_shim_kit::file;
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{Node, wait_for};

pub(crate) const OVER: [&str; 5] = ["succeeded", "failed", "timed_out", "killed", "lost"];

/// Kills the node, and waits for its end.
pub(crate) fn kill(node: &mut Node) {
    node.signal(Signal::SIGKILL);
    node.ended();
}

/// Waits until a run is over although nobody is there.
pub(crate) fn wait_for_exit(node: &Node, run: &str) {
    let path = file_of(&node.data(), run);
    wait_for("the end in the run's file", || file::read_exit(&File::open(&path).unwrap()).unwrap());
}

fn add(node: &Node, document: &str) {
    let path = node.data().with_file_name("jobs.toml");
    std::fs::write(&path, document).unwrap();
    node.ask(&["apply", "-f", path.to_str().unwrap()]);
}

#[test]
fn every_line_and_every_exit_code_outlives_the_node() {
    const RUNS: usize = 20;
    let mut node = Node::start_with("[executor]\nslots = 32\n");
    // Half of them end while the node is away, the others after it has come back.
    let lines = |number: usize| if number.is_multiple_of(2) { 20 } else { 160 + number };
    let mut document = String::new();
    for number in 0..RUNS {
        let line = format!(
            "i=0; while [ $i -lt {} ]; do i=$((i+1)); echo out $i; echo err $i >&2; sleep 0.05; done; exit {number}",
            lines(number)
        );
        document.push_str(&format!("[[job]]\nname = \"job-{number}\"\ncommand = {{ shell = '{line}' }}\n"));
    }
    add(&node, &document);
    let runs: Vec<String> =
        (0..RUNS).map(|number| node.ask(&["job", "run", &format!("job-{number}")]).trim().to_owned()).collect();
    for run in &runs {
        node.wait_for_run(run, &["running", "succeeded", "failed"]);
    }
    kill(&mut node);
    for run in runs.iter().step_by(2) {
        if file_of(&node.data(), run).exists() {
            wait_for_exit(&node, run);
        }
    }
    node.start_again();
    for (number, run) in runs.iter().enumerate() {
        let ended = node.wait_for_run(run, &OVER);
        assert_eq!(ended["exit_code"], Value::from(number), "{ended} {}", node.log());
        let printed = node.try_ask(&["run", "logs", run]);
        for (stream, bytes) in [("out", printed.stdout), ("err", printed.stderr)] {
            let wanted: String = (1..=lines(number)).map(|line| format!("{stream} {line}\n")).collect();
            assert_eq!(String::from_utf8_lossy(&bytes), wanted, "run {number}: {ended}");
        }
    }
    wait_for("the files of the runs to go", || {
        std::fs::read_dir(node.data().join("runs")).unwrap().next().is_none().then_some(())
    });
}

#[test]
fn a_timeout_is_kept_while_the_node_is_away() {
    let mut node = Node::start();
    add(
        &node,
        "[[job]]\nname = \"stubborn\"\ntimeout = \"2s\"\nkill_grace = \"300ms\"\n\
         command = { shell = 'trap \"\" TERM; echo begun; setsid sleep 1000 & while true; do sleep 0.1; done' }\n",
    );
    let run = node.ask(&["job", "run", "stubborn"]).trim().to_owned();
    node.wait_for_run(&run, &["running"]);
    kill(&mut node);
    wait_for_exit(&node, &run);
    node.start_again();
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "timed_out", "{ended}");
    let reason = ended["reason"].as_str().unwrap();
    assert!(reason.contains("SIGKILL") && reason.contains("nothing left"), "{reason}");
    assert!(node.ask(&["run", "logs", &run]).starts_with("begun\n"));
}

#[test]
fn a_run_that_was_taken_up_is_shown_and_can_be_killed() {
    let mut node = Node::start();
    let run = node.run_shell("long", "echo before; while true; do echo tick; sleep 0.1; done");
    node.wait_for_run(&run, &["running"]);
    wait_for("output", || node.ask(&["run", "logs", &run]).contains("tick").then_some(()));
    for _ in 0..2 {
        kill(&mut node);
        node.start_again();
        assert_eq!(node.wait_for_run(&run, &["running", "killed", "lost", "failed"])["state"], "running");
    }
    let lines = || node.ask(&["run", "logs", &run]).lines().count();
    let before = lines();
    wait_for("more output", || (lines() > before).then_some(()));
    node.ask(&["run", "kill", &run]);
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "killed", "{ended}");
    let printed = node.ask(&["run", "logs", &run]);
    assert_eq!(printed.lines().filter(|line| *line == "before").count(), 1);
}

#[test]
fn a_flood_beyond_the_limit_is_cut_as_ever() {
    let mut node = Node::start_with("[executor]\noutput_limit = \"64KiB\"\n");
    let run = node.run_shell("flood", "echo first; yes xxxxxxxxxxxxxxx | head -c 4000000; sleep 2; echo last");
    node.wait_for_run(&run, &["running"]);
    kill(&mut node);
    wait_for_exit(&node, &run);
    node.start_again();
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let printed = node.ask(&["run", "logs", &run]);
    assert!(printed.starts_with("first\n") && printed.ends_with("\nlast\n"), "{}", printed.len());
    assert!((60_000..70_000).contains(&printed.len()), "{}", printed.len());
}
