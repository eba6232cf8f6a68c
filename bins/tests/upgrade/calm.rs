//! What must not notice that the node is another process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::crowd::Crowd;
use crate::office::{OVER, Office, follow, lives, send};
use crate::support::{Node, cronbus, wait_for};
use cronbus_servers::outlived::{file_of, processes};

fn counted(lines: usize, code: i32) -> String {
    format!("i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit {code}")
}

fn expected(lines: usize) -> String {
    (1..=lines).map(|line| format!("{line}\n")).collect()
}

#[test]
fn runs_go_on_and_every_line_is_kept_and_shown_once() {
    const LINES: usize = 140;
    let office = Office::open("");
    let node = &office.node;
    node.ask(&["job", "add", "under-shim", "--shell", &counted(LINES, 3)]);
    node.ask(&["job", "add", "in-process", "--set", "isolation=inline", "--shell", &counted(LINES, 4)]);
    let runs = ["under-shim", "in-process"].map(|job| node.ask(&["job", "run", job]).trim().to_owned());
    for run in &runs {
        node.wait_for_run(run, &["running"]);
    }
    let mut followers = runs.each_ref().map(|run| follow(node, run));
    let crowd = Crowd::around(node);
    let (_, leader) = processes(&file_of(&node.data(), &runs[0])).unwrap();
    let mut lived = vec![node.pid()];
    for _ in 0..3 {
        lived.push(office.upgrade());
        let asked = crowd.asked();
        wait_for("the crowd to ask more", || (crowd.asked() > asked + 40).then_some(()));
    }
    assert_eq!(open_files(leader.pid), ["0", "1", "2"], "a run inherits nothing");
    for ((run, code), (follower, shown)) in runs.iter().zip([3, 4]).zip(&mut followers) {
        let ended = node.wait_for_run(run, &OVER);
        assert_eq!((&ended["state"], &ended["exit_code"]), (&"failed".into(), &code.into()), "{ended} {}", node.log());
        assert_eq!(node.ask(&["run", "logs", run]), expected(LINES));
        wait_for("a follower to end", || follower.try_wait().unwrap());
        assert_eq!(fs::read_to_string(shown).unwrap(), expected(LINES));
    }
    eprintln!("{} questions during three upgrades", crowd.dismiss());
    let last = lived.pop().unwrap();
    lived.into_iter().for_each(Office::wait_for_end_of);
    assert!(lives(last));
    // What whoever runs the tests left open is nobody's fault here.
    let before = kept_on_exec(std::process::id());
    let mut after = kept_on_exec(last);
    after.retain(|descriptor| !before.contains(descriptor));
    assert!(after.is_empty(), "not closed on exec: {after:?}");
}

/// The descriptors of a process that programs started by it would have, and what they are.
fn kept_on_exec(pid: u32) -> Vec<(String, std::path::PathBuf)> {
    let numbers = fs::read_dir(format!("/proc/{pid}/fdinfo")).unwrap();
    let mut kept = Vec::new();
    for number in numbers.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:")).map(str::trim);
        let is_kept = flags.is_some_and(|flags| u32::from_str_radix(flags, 8).unwrap() & 0o2_000_000 == 0);
        if is_kept && !["0", "1", "2"].contains(&number.as_str()) {
            kept.push((number.clone(), fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap_or_default()));
        }
    }
    kept
}

/// The numbers of a process's descriptors.
fn open_files(pid: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_stays_in_the_old_process_can_be_ended_by_the_new_one() {
    let office = Office::open("[executor]\nisolation = \"inline\"\nkill_grace = \"200ms\"\n");
    let node = &office.node;
    let endless = "echo begun; while true; do sleep 0.1; done";
    node.ask(&["job", "add", "endless", "--shell", endless]);
    node.ask(&["job", "add", "limited", "--shell", endless, "--timeout", "3s"]);
    let runs = ["endless", "limited"].map(|job| node.ask(&["job", "run", job]).trim().to_owned());
    for run in &runs {
        node.wait_for_run(run, &["running"]);
    }
    let old = node.pid();
    office.upgrade();
    office.upgrade();
    assert!(lives(old), "it has the runs");
    node.ask(&["run", "kill", &runs[0]]);
    let killed = node.wait_for_run(&runs[0], &OVER);
    assert_eq!(killed["state"], "killed", "{killed}");
    assert!(killed["reason"].as_str().unwrap().contains("nothing left"), "{killed}");
    let limited = node.wait_for_run(&runs[1], &OVER);
    assert_eq!(limited["state"], "timed_out", "{limited}");
    assert_eq!(node.ask(&["run", "logs", &runs[1]]).lines().next(), Some("begun"));
    Office::wait_for_end_of(old);
}

#[test]
fn how_runs_end_is_known_although_their_process_is_told_to_end() {
    let office = Office::open("[executor]\nisolation = \"inline\"\n");
    let node = &office.node;
    let run = node.run_shell("stays", "trap 'echo bye; exit 5' TERM; echo begun; while true; do sleep 0.1; done");
    wait_for("output", || node.ask(&["run", "logs", &run]).contains("begun").then_some(()));
    let old = node.pid();
    office.upgrade();
    send(old, Signal::SIGTERM);
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!((&ended["state"], &ended["exit_code"]), (&"killed".into(), &5.into()), "{ended}");
    assert_eq!(node.ask(&["run", "logs", &run]), "begun\nbye\n");
    Office::wait_for_end_of(old);
}

#[test]
fn the_node_is_the_same_in_all_that_others_see() {
    let office = Office::open("");
    let node = &office.node;
    let (address, name) = (node.url("/"), |node: &Node| node.ask_json(&["nodes", "list"])[0].clone());
    let before = name(node);
    node.ask(&["nodes", "drain", before["name"].as_str().unwrap()]);
    wait_for("the node to note that it is drained", || node.data().join("node.draining").exists().then_some(()));
    let pid = office.upgrade();
    let after = name(node);
    assert_eq!((node.url("/"), &after["name"], &after["state"]), (address, &before["name"], &Value::from("draining")));
    assert_eq!(after["pid"], pid);
    node.ask(&["nodes", "undrain", before["name"].as_str().unwrap()]);
    let run = node.run_shell("later", "exit 0");
    assert_eq!(node.wait_for_run(&run, &OVER)["state"], "succeeded");
}

#[test]
fn the_new_process_ends_as_the_old_one_would() {
    let mut office = Office::open("[executor]\nshutdown_wait = \"100ms\"\nkill_grace = \"200ms\"\n");
    office.node.ask(&["job", "add", "stays", "--set", "isolation=inline", "--shell", "sleep 1000"]);
    let run = office.node.ask(&["job", "run", "stays"]).trim().to_owned();
    office.node.wait_for_run(&run, &["running"]);
    let (old, new) = (office.node.pid(), office.upgrade());
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(new.try_into().unwrap()), Signal::SIGTERM).unwrap();
    Office::wait_for_end_of(new);
    Office::wait_for_end_of(old);
    assert!(office.node.ended().success());
    assert!(!office.node.data().join("node.json").exists());
    office.node.start_again();
    let ended = office.node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "killed", "{ended}\n{}", office.node.log());
}

/// Holds the database so that nobody else can write to it, until it is dropped.
struct Hold(Child);

impl Hold {
    fn of(database: &std::path::Path) -> Self {
        let mut shell = Command::new("sqlite3");
        let mut shell = shell.arg(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        shell.stdin.as_mut().unwrap().write_all(b"BEGIN IMMEDIATE;\nSELECT 'held';\n").unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "held");
        Self(shell)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // What it began is undone when it ends.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_run_can_be_ended_before_the_new_process_knows_it() {
    let office = Office::open("");
    let node = &office.node;
    let run = node.run_shell("endless", "while true; do sleep 0.1; done");
    node.wait_for_run(&run, &["running"]);
    // The new process cannot take its partitions over.
    let hold = Hold::of(&node.data().join("cronbus.db"));
    office.upgrade();
    // It is answered when it can be noted who wanted it, so not before the database is free.
    let mut asked = cronbus(&node.data()).args(["run", "kill", &run]).stdout(Stdio::null()).spawn().unwrap();
    (0..5).for_each(|_| drop(node.ask(&["run", "show", &run])));
    drop(hold);
    assert!(asked.wait().unwrap().success());
    assert_eq!(node.wait_for_run(&run, &OVER)["state"], "killed", "{}", node.log());
}
