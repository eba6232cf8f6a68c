//! The leader of a run's processes: the child we started, known until we have waited for it.
//!
//! As long as it is not waited for, its number belongs to it, and so do the group and the session called by that
//! number: signals sent to them reach nobody else.

use std::os::fd::OwnedFd;
use std::time::Duration;

use cronbus_core::port::spool::Process;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::unix::AsyncFd;

use super::census::start_ticks;
use super::native::{self, Waited};

/// How often a process that could not be killed is looked after by the thread that was left with it.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A child that leads its own session and group.
#[derive(Debug)]
pub(super) struct Leader {
    pid: Pid,
    process: Process,
    is_waited_for: bool,
}

impl Leader {
    /// Takes charge of a child that was just spawned.
    pub(super) fn new(pid: Pid) -> Self {
        let number = pid.as_raw().unsigned_abs();
        let process = Process { pid: number, start_ticks: start_ticks(number).unwrap_or(0) };
        Self { pid, process, is_waited_for: false }
    }

    /// Its number and start.
    pub(super) const fn process(&self) -> Process {
        self.process
    }

    /// Opens a descriptor that becomes readable when it ends.
    pub(super) fn watch(&self) -> Result<OwnedFd, Errno> {
        native::pidfd_open(self.pid)
    }

    /// Sends a signal to all of its group.
    pub(super) fn signal_group(&self, signal: Signal) {
        // The only failure is that nobody of the group may be signalled; the census tells who is left.
        let _ = killpg(self.pid, signal);
    }

    /// Waits for it if it has ended. Its number may be given to another process from then on.
    pub(super) fn wait(&mut self) -> Option<Waited> {
        let answer = native::wait4(self.pid);
        // An error says that it is not our child any more: somebody else has waited for it.
        self.is_waited_for |= !matches!(answer, Ok(None));
        answer.ok().flatten()
    }

    /// Whether others of its group are alive after it was waited for.
    pub(super) fn has_followers(&self) -> bool {
        self.is_waited_for && killpg(self.pid, None).is_ok()
    }
}

/// Whoever lets go of a run in the middle, because its node's actor failed, leaves nothing running unwatched.
impl Drop for Leader {
    fn drop(&mut self) {
        if self.is_waited_for {
            return;
        }
        self.signal_group(Signal::SIGKILL);
        let pid = self.pid;
        let wait = move || {
            while matches!(native::wait4(pid), Ok(None)) {
                std::thread::sleep(LOOK_AGAIN);
            }
        };
        // Without a thread the zombie stays until the node ends.
        let _ = std::thread::Builder::new().name("cronbus-waits".to_owned()).spawn(wait);
    }
}

/// Tells when a process has ended.
#[derive(Debug)]
pub(super) struct Watch(AsyncFd<OwnedFd>);

impl Watch {
    /// Registers with the runtime.
    pub(super) fn new(pidfd: OwnedFd) -> std::io::Result<Self> {
        native::watch_readable(pidfd).map(Self)
    }

    /// Returns once it has ended. Cancel safe.
    pub(super) async fn ended(&self) {
        // A pidfd stays readable for ever; the guard's readiness is not cleared.
        if self.0.readable().await.is_err() {
            std::future::pending().await
        }
    }
}
