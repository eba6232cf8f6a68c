//! What the configuration says of runs that could outlive their node.

use nix::sys::signal::Signal;

use crate::away::{OVER, kill};
use crate::support::{Node, cronbus};

#[test]
fn a_node_that_shall_leave_its_runs_ends_at_once() {
    let mut node = Node::start_with("[executor]\non_stop = \"leave\"\nshutdown_wait = \"10m\"\n");
    let run = node.run_shell("long", "echo before; sleep 3; echo after; exit 4");
    node.wait_for_run(&run, &["running"]);
    node.signal(Signal::SIGTERM);
    assert_eq!(node.ended().code(), Some(0), "{}", node.log());
    assert!(node.log().contains("runs go on under their shims"), "{}", node.log());
    node.start_again();
    assert_eq!(node.wait_for_run(&run, &OVER)["exit_code"], 4);
    assert_eq!(node.ask(&["run", "logs", &run]), "before\nafter\n");
}

#[test]
fn a_job_may_want_no_shim() {
    let mut node = Node::start();
    let path = node.data().with_file_name("jobs.toml");
    let job = "[[job]]\nname = \"inline\"\nisolation = \"inline\"\ncommand = { shell = 'sleep 1000' }\n";
    std::fs::write(&path, job).unwrap();
    node.ask(&["apply", "-f", path.to_str().unwrap()]);
    let run = node.ask(&["job", "run", "inline"]).trim().to_owned();
    node.wait_for_run(&run, &["running"]);
    kill(&mut node);
    node.start_again();
    assert_eq!(node.wait_for_run(&run, &OVER)["state"], "lost");
}

#[test]
fn a_node_that_is_told_of_a_shim_that_is_not_there_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = cronbus(folder.path());
    command.env("CRONBUS_EXECUTOR__SHIM", "/nowhere/cronbus-shim");
    let refused = command.args(["node", "--listen", "127.0.0.1:0"]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("/nowhere/cronbus-shim"), "{told}");
}
