//! What the manager of services is told: in which order, and nothing any more when a thread of the node hangs.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::{Client, Node, wait_for};

/// The manager's end of the socket.
struct Manager {
    socket: UnixDatagram,
    _folder: TempDir,
}

impl Manager {
    /// A manager, and a node that it starts.
    fn start() -> (Self, Node) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut node = Node::prepare("cronbus.toml", "");
        node.set("NOTIFY_SOCKET", path.to_str().unwrap());
        node.set("WATCHDOG_USEC", "800000");
        node.start_again();
        (Self { socket, _folder: folder }, node)
    }

    /// The next that it was told, line by line.
    fn heard(&self) -> Option<Vec<String>> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned).collect())
    }

    /// Waits for something that begins with this line; returns what was heard before it, and all of it.
    fn until(&self, line: &str) -> (Vec<String>, Vec<String>) {
        let mut before = Vec::new();
        let it = wait_for(line, || {
            let heard = self.heard()?;
            if heard[0] == line {
                return Some(heard);
            }
            before.extend(heard);
            None
        });
        (before, it)
    }

    fn forget_what_was_heard(&self) {
        while self.heard().is_some() {}
    }
}

#[test]
fn it_is_told_of_readiness_life_reloading_and_the_end_in_this_order() {
    let (manager, mut node) = Manager::start();
    let (before, ready) = manager.until("READY=1");
    assert!(before.iter().all(|line| line.starts_with("STATUS=") || line == "WATCHDOG=1"), "{before:?}");
    assert_eq!(ready[1], "STATUS=test is ready");
    let client = Client::new();
    assert_eq!(client.send(client.get(&node, "/readyz")).0, 200);
    manager.until("WATCHDOG=1");

    node.signal(Signal::SIGHUP);
    let (_, reloading) = manager.until("RELOADING=1");
    assert!(reloading[1].starts_with("MONOTONIC_USEC="), "{reloading:?}");
    manager.until("READY=1");

    node.signal(Signal::SIGTERM);
    let (before, stopping) = manager.until("STOPPING=1");
    assert!(!before.contains(&"READY=1".to_owned()), "{before:?}");
    assert!(stopping[1].starts_with("EXTEND_TIMEOUT_USEC="), "{stopping:?}");
    assert!(node.ended().success());
    while let Some(heard) = manager.heard() {
        assert_eq!(heard, ["WATCHDOG=1"]);
    }
}

#[test]
fn no_sign_of_life_is_sent_while_the_thread_of_an_actor_hangs() {
    let (manager, node) = Manager::start();
    manager.until("WATCHDOG=1");
    let complaints = |node: &Node| node.log().matches("did not come to a knock").count();

    let frozen = freeze(&threads(&node, "actix-rt|system"));
    for _ in 0..2 {
        let before = complaints(&node);
        wait_for("a complaint", || (complaints(&node) > before).then_some(()));
        // Until the first complaint there may have been an answer from before the thread was frozen.
        if before > 0 {
            assert!(manager.heard().is_none_or(|heard| heard[0] != "WATCHDOG=1"));
        }
        manager.forget_what_was_heard();
    }
    assert!(node.log().contains("executor did not come"), "{}", node.log());
    thaw(&frozen);
    manager.until("WATCHDOG=1");

    let frozen = freeze(&threads(&node, "cronbus"));
    manager.forget_what_was_heard();
    // Longer than the manager would wait. Nothing that is merely slow can make this fail.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(manager.heard(), None);
    thaw(&frozen);
    manager.until("WATCHDOG=1");
}

/// The threads of a node with this name; its first is called like the executable.
fn threads(node: &Node, name: &str) -> Vec<Pid> {
    let entries = std::fs::read_dir(format!("/proc/{}/task", node.pid())).unwrap();
    let called = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| std::fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim_end() == name));
    called.map(|path| Pid::from_raw(path.file_name().unwrap().to_str().unwrap().parse().unwrap())).collect()
}

/// Stops these threads and no other: SIGSTOP would stop the whole node, and with it whoever sends signs of life.
fn freeze(threads: &[Pid]) -> Vec<Pid> {
    assert!(!threads.is_empty());
    for thread in threads {
        ptrace::seize(*thread, ptrace::Options::empty()).unwrap();
        ptrace::interrupt(*thread).unwrap();
        waitpid(*thread, Some(WaitPidFlag::__WALL)).unwrap();
    }
    threads.to_vec()
}

fn thaw(threads: &[Pid]) {
    threads.iter().for_each(|thread| ptrace::detach(*thread, None).unwrap());
}
