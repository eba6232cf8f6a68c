//! What a former life of the node left behind.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cronbus_core::port::Runner;
use cronbus_core::port::runner::Reaped;
use cronbus_core::port::spool::Process;

use crate::harness::{eventually, is_alive, runner};

const GRACE: Duration = Duration::from_millis(200);

/// A process group as a crashed node would have left it. The test is its parent, which a new node would not be.
struct Left {
    child: Child,
    process: Process,
    folder: tempfile::TempDir,
}

impl Left {
    /// Runs a line that names its background processes in the file `pids` and then makes the file `ready`.
    async fn start(line: &str, run: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["/bin/sh", "-c", line]).current_dir(folder.path()).stdin(Stdio::null()).env_clear();
        command.env("PATH", "/usr/bin:/bin");
        if let Some(run) = run {
            command.env("CRONBUS_RUN_ID", run);
        }
        let child = command.spawn().unwrap();
        let ready = folder.path().join("ready");
        eventually("the processes are there", || ready.exists()).await;
        let process = Process { pid: child.id(), start_ticks: start_ticks(child.id()) };
        Self { child, process, folder }
    }

    fn background(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.folder.path().join("pids")).unwrap();
        text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
    }

    fn everybody(&self) -> Vec<u32> {
        self.background().into_iter().chain([self.process.pid]).collect()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        for pid in self.everybody() {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

fn start_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().parse().unwrap()
}

const STUBBORN: &str = "trap '' TERM; sleep 1000 & echo $! >pids; touch ready; while :; do sleep 0.05; done";
const LEADERLESS: &str = "sleep 1000 & echo $! >pids; touch ready";

#[tokio::test]
async fn a_group_left_behind_is_ended() {
    let left = Left::start(STUBBORN, Some("one")).await;
    assert_eq!(runner().reap(left.process, GRACE, true).await, Reaped::Ended);
    assert!(left.everybody().into_iter().all(|pid| !is_alive(pid)));
    assert_eq!(runner().reap(left.process, GRACE, true).await, Reaped::Gone);
}

#[tokio::test]
async fn a_group_may_be_left_alone() {
    let left = Left::start(STUBBORN, Some("two")).await;
    assert_eq!(runner().reap(left.process, GRACE, false).await, Reaped::Left);
    assert!(left.everybody().into_iter().all(is_alive));
}

#[tokio::test]
async fn a_later_process_with_the_number_is_not_touched() {
    let left = Left::start(STUBBORN, Some("three")).await;
    let earlier = Process { start_ticks: left.process.start_ticks - 1, ..left.process };
    assert_eq!(runner().reap(earlier, GRACE, true).await, Reaped::Gone);
    assert!(left.everybody().into_iter().all(is_alive));
}

#[tokio::test]
async fn followers_without_leader_are_ended_if_they_are_of_a_run() {
    let mut of_run = Left::start(LEADERLESS, Some("four")).await;
    let mut of_nobody = Left::start(LEADERLESS, None).await;
    of_run.child.wait().unwrap();
    of_nobody.child.wait().unwrap();
    assert_eq!(runner().reap(of_run.process, GRACE, true).await, Reaped::Ended);
    assert_eq!(runner().reap(of_nobody.process, GRACE, true).await, Reaped::Gone);
    assert!(!of_run.background().into_iter().any(is_alive));
    assert!(of_nobody.background().into_iter().all(is_alive));
}
