//! A node of an executable that can be replaced.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::{Node, cronbus, wait_for};

/// A node, and the folder with its executable.
pub(crate) struct Office {
    // Dropped first: the node is ended before its executable goes.
    pub(crate) node: Node,
    folder: TempDir,
}

impl Office {
    /// A node with this configuration, that listens.
    pub(crate) fn open(configuration: &str) -> Self {
        let mut office = Self::prepare(configuration);
        office.node.start_again();
        office
    }

    /// The same, not started yet.
    pub(crate) fn prepare(configuration: &str) -> Self {
        // On the file system of the executable, so that it can be linked.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let office = Self { node: Node::prepare("cronbus.toml", configuration), folder };
        office.put_release();
        fs::hard_link(env!("CARGO_BIN_EXE_cronbus-shim"), office.folder.path().join("cronbus-shim")).unwrap();
        let mut office = office;
        let executable = office.executable();
        office.node.of(&executable);
        office
    }

    pub(crate) fn executable(&self) -> PathBuf {
        self.folder.path().join("cronbus")
    }

    /// Puts the executable of all tests in its place.
    pub(crate) fn put_release(&self) {
        let new = self.folder.path().join("new");
        fs::hard_link(env!("CARGO_BIN_EXE_cronbus"), &new).unwrap();
        self.put(&new);
    }

    /// Puts a script in its place. `$RELEASE` is the executable of all tests.
    pub(crate) fn put_script(&self, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, format!("#!/bin/sh\nRELEASE={}\n{text}\n", env!("CARGO_BIN_EXE_cronbus"))).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        self.put(&new);
    }

    /// Kills the process that is the node while its successor gets ready, and waits for that. Returns who was killed.
    pub(crate) fn kill_in_between(&self) -> u32 {
        // Time enough to be killed.
        self.put_script("touch \"$0.started\"; sleep 0.3; exec $RELEASE \"$@\"");
        let old = self.node.current_pid();
        send(old, Signal::SIGUSR2);
        let started = self.executable().with_extension("started");
        wait_for("the new process", || started.exists().then_some(()));
        send(old, Signal::SIGKILL);
        wait_for("the new process to be the node", || (self.node.current_pid() != old).then_some(()));
        old
    }

    /// The number that a script has written, if it has.
    pub(crate) fn started(&self) -> Option<u32> {
        fs::read_to_string(self.executable().with_extension("started")).ok()?.trim().parse().ok()
    }

    /// As a package manager does: what runs keeps the old file.
    fn put(&self, new: &Path) {
        fs::rename(new, self.executable()).unwrap();
    }

    /// `cronbus upgrade`, whatever it says.
    pub(crate) fn try_upgrade(&self) -> Output {
        self.node.try_ask(&["upgrade"])
    }

    /// The same; it must succeed, and another process must be the node then. Returns that.
    pub(crate) fn upgrade(&self) -> u32 {
        let before = self.node.current_pid();
        let told = self.node.ask(&["upgrade"]);
        let after = self.node.current_pid();
        assert!(after != before && told.contains(&after.to_string()), "{told}");
        after
    }

    /// The same; it must fail for this reason, and the old process must go on.
    pub(crate) fn fail_to_upgrade(&self, reason: &str) {
        let before = self.node.current_pid();
        let output = self.try_upgrade();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(reason), "{reason}: {told}\n{}", self.node.log());
        assert_eq!(self.node.current_pid(), before, "{told}");
    }

    /// Waits until a process has ended.
    pub(crate) fn wait_for_end_of(pid: u32) {
        wait_for("a process to end", || (!lives(pid)).then_some(()));
    }
}

/// The states of runs that are over.
pub(crate) const OVER: [&str; 5] = ["succeeded", "failed", "timed_out", "killed", "lost"];

/// Follows a log from its beginning, into a file.
pub(crate) fn follow(node: &Node, run: &str) -> (Child, PathBuf) {
    let path = node.data().with_file_name(format!("followed-{run}"));
    let file = fs::File::create(&path).unwrap();
    let follower = cronbus(&node.data()).args(["run", "logs", "-f", run]).stdout(file).stderr(Stdio::null()).spawn();
    (follower.unwrap(), path)
}

/// Sends a signal to a process that is there.
pub(crate) fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
}

/// Whether a process is there and has not ended.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
}
