//! New processes that come to nothing, and old ones that are gone too early.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::crowd::Crowd;
use crate::office::{OVER, Office, send};
use crate::support::{cronbus, wait_for};

/// What the node says of the newest upgrade.
fn stage(office: &Office) -> String {
    let text = fs::read_to_string(office.node.data().join("upgrade.json")).unwrap_or_default();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    report["stage"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_does_not_get_ready_changes_nothing() {
    let office = Office::open("[node]\nupgrade_timeout = \"2s\"\n");
    let node = &office.node;
    let run = node.run_shell("long", "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i; sleep 0.1; done");
    node.wait_for_run(&run, &["running"]);
    let crowd = Crowd::around(node);
    office.put_script("echo no >&2; exit 7");
    office.fail_to_upgrade("exit status: 7");
    office.put_script("kill -SEGV $$");
    office.fail_to_upgrade("signal: 11");
    office.put_script("exec sleep 1000");
    office.fail_to_upgrade("not ready within 2s (node.upgrade_timeout)");
    office.put_release();
    let configuration = fs::read_to_string(node.config_path()).unwrap();
    fs::write(node.config_path(), "[executor]\nslots = \"many\"\n").unwrap();
    office.fail_to_upgrade("executor.slots");
    fs::write(node.config_path(), format!("{configuration}[database]\nurl = \"sqlite:///proc/none/here.db\"\n"))
        .unwrap();
    office.fail_to_upgrade("database.url");
    let elsewhere = node.config_path().with_file_name("elsewhere");
    office.put_script("export CRONBUS_NODE__NAME=another; exec $RELEASE \"$@\"");
    fs::write(node.config_path(), &configuration).unwrap();
    office.fail_to_upgrade("node.name: the node is `test`");
    fs::create_dir(&elsewhere).unwrap();
    office.put_script(&format!("export CRONBUS_NODE__DATA_DIR={}; exec $RELEASE \"$@\"", elsewhere.display()));
    office.fail_to_upgrade("node.data_dir: `test` lives in");
    office.put_release();
    crowd.dismiss();
    office.upgrade();
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(node.ask(&["run", "logs", &run]).lines().count(), 100);
}

#[test]
fn what_fails_when_it_takes_over_is_replaced_by_the_old_version() {
    let office = Office::open("");
    let node = &office.node;
    let crowd = Crowd::around(node);
    // It gets ready, and finds out that there is no such document once it is the node.
    office.put_script("exec $RELEASE \"$@\" --load /nowhere/jobs.toml");
    let output = office.try_upgrade();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("it ended before it was ready"), "{told}\n{}", node.log());
    assert_ne!(node.current_pid(), node.pid(), "the old executable goes on in a process of its own");
    let run = node.run_shell("afterwards", "echo still here");
    assert_eq!(node.wait_for_run(&run, &OVER)["state"], "succeeded");
    office.put_release();
    office.upgrade();
    crowd.dismiss();
}

#[test]
fn whoever_is_killed_in_between_is_succeeded_all_the_same() {
    let office = Office::open("");
    let node = &office.node;
    let run = node.run_shell("long", "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i; sleep 0.1; done");
    node.wait_for_run(&run, &["running"]);
    let crowd = Crowd::around(node);
    office.kill_in_between();
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(node.ask(&["run", "logs", &run]).lines().count(), 100);
    // Whoever was being answered by a process that is killed is cut off; nobody is refused.
    let complaints = crowd.complaints();
    assert!(complaints.iter().all(|complaint| !complaint.contains("ConnectionRefused")), "{complaints:#?}");
}

#[test]
fn a_run_that_stayed_in_a_process_that_is_killed_is_lost_and_said_to_be() {
    let office = Office::open("");
    let node = &office.node;
    node.ask(&["job", "add", "stays", "--set", "isolation=inline", "--shell", "sleep 1000"]);
    let run = node.ask(&["job", "run", "stays"]).trim().to_owned();
    node.wait_for_run(&run, &["running"]);
    office.upgrade();
    send(node.pid(), Signal::SIGKILL);
    let ended = node.wait_for_run(&run, &OVER);
    assert_eq!(ended["state"], "lost", "{ended}");
    let reason = ended["reason"].as_str().unwrap();
    assert!(reason.contains("what was left of its processes was ended"), "{reason}");
}

#[test]
fn a_node_that_is_told_to_end_meanwhile_ends() {
    let mut office = Office::open("");
    office.put_script("exec sleep 1000");
    let old = office.node.pid();
    send(old, Signal::SIGUSR2);
    wait_for("the upgrade to begin", || (stage(&office) == "under_way").then_some(()));
    send(old, Signal::SIGTERM);
    assert!(office.node.ended().success(), "{}", office.node.log());
    assert_eq!(stage(&office), "failed");
    office.put_release();
    office.node.start_again();
}

#[test]
fn nobody_is_asked_where_no_node_runs() {
    let mut office = Office::prepare("");
    let output = office.try_upgrade();
    assert!(String::from_utf8_lossy(&output.stderr).contains("--data-dir"), "{output:?}");
    office.node.start_again();
    send(office.node.pid(), Signal::SIGTERM);
    office.node.ended();
    let output = office.try_upgrade();
    assert!(String::from_utf8_lossy(&output.stderr).contains("no node runs in"), "{output:?}");
}

#[test]
fn where_nobody_could_write_the_old_process_goes_on() {
    let office = Office::open("");
    let node = &office.node;
    // As on a full disk: what is written there for a trial cannot be.
    let probe = node.data().join(".upgrade.probe");
    fs::create_dir(&probe).unwrap();
    office.fail_to_upgrade("the data directory cannot be written to");
    fs::remove_dir(&probe).unwrap();
    office.upgrade();
    assert!(!probe.exists());
}

#[test]
fn a_node_that_is_told_to_end_while_it_is_passed_on_ends() {
    let office = Office::open("");
    let node = &office.node;
    // It is the node, and not up before there is something to load.
    office.put_script("mkfifo \"$0.fifo\"; exec $RELEASE \"$@\" --load \"$0.fifo\"");
    let old = node.current_pid();
    send(old, Signal::SIGUSR2);
    wait_for("the new process to be the node", || (node.current_pid() != old).then_some(()));
    let new = node.current_pid();
    send(old, Signal::SIGTERM);
    fs::write(office.executable().with_extension("fifo"), "[[job]]\nname = \"a\"\ncommand = { shell = 'true' }\n")
        .unwrap();
    Office::wait_for_end_of(new);
    Office::wait_for_end_of(old);
}

#[test]
fn a_node_that_is_starting_is_not_ended_by_who_wants_it_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    // Somebody who listens and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let database = format!("mysql://root@127.0.0.1:{}/cronbus", silent.local_addr().unwrap().port());
    let mut node = cronbus(folder.path());
    let node = node.arg("node").env("CRONBUS_DATABASE__URL", database).env("CRONBUS_WEB__LISTEN", "127.0.0.1:0");
    let mut node = node.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let connected = silent.accept().unwrap();
    for signal in [Signal::SIGHUP, Signal::SIGUSR2, Signal::SIGTERM] {
        send(node.id(), signal);
    }
    let status = node.wait().unwrap();
    assert!(matches!(status.signal(), None | Some(15)), "{status}");
    drop(connected);
}
