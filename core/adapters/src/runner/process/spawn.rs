//! Starting a planned process with its three descriptors.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use cronbus_core::port::spool::Process;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, pipe2};

use super::census;
use super::leash::Leader;
use super::native::{self, Standard};
use super::plan::Plan;

/// A process that was started.
#[derive(Debug)]
pub(super) struct Spawned {
    /// The child.
    pub leader: Leader,
    /// Becomes readable when it ends.
    pub pidfd: OwnedFd,
    /// The reading ends of its output; they do not block.
    pub stdout: OwnedFd,
    /// See above.
    pub stderr: OwnedFd,
}

impl Spawned {
    /// Ends it, because it cannot be supervised; returns why, for people.
    pub(super) fn give_up(self, errno: Errno) -> String {
        give_up(self.leader.pid, errno)
    }
}

/// Starts a process. The thread is suspended until its program is loaded.
///
/// # Errors
/// Why it could not be started, for people.
pub(super) fn spawn(plan: &Plan, stdin: BorrowedFd<'_>) -> Result<Spawned, String> {
    let (stdout, stdout_end) = output_pipe()?;
    let (stderr, stderr_end) = output_pipe()?;
    let standard = Standard { input: stdin, output: stdout_end.as_fd(), error: stderr_end.as_fd() };
    let before = native::ticks_since_boot();
    let pid = native::spawn(&plan.program, standard).map_err(|errno| refusal(plan, errno))?;
    let after = native::ticks_since_boot();
    let number = pid.as_raw().unsigned_abs();
    // It started in between: only where a tick passed meanwhile has the system to be asked.
    let start_ticks = if before == after { before } else { census::start_ticks(number) };
    let process = Process { pid: number, start_ticks: start_ticks.unwrap_or(0) };
    match native::pidfd_open(pid) {
        Ok(pidfd) => Ok(Spawned { leader: Leader { pid, process }, pidfd, stdout, stderr }),
        Err(errno) => Err(give_up(pid, errno)),
    }
}

fn give_up(pid: Pid, errno: Errno) -> String {
    // Whatever fails here, there is nothing more that could be done.
    let _ = killpg(pid, Signal::SIGKILL);
    let _ = waitpid(pid, None);
    format!("process {pid} could not be watched: {} (see `ulimit -n`)", errno.desc())
}

/// Only our end is non-blocking: programs do not expect that of their output.
fn output_pipe() -> Result<(OwnedFd, OwnedFd), String> {
    let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)
        .map_err(|errno| format!("no pipe for its output: {} (see `ulimit -n`)", errno.desc()))?;
    nix::fcntl::fcntl(&ours, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
        .map_err(|errno| format!("its output could not be made readable: {}", errno.desc()))?;
    Ok((ours, theirs))
}

/// A text as something to read from. In memory, so that a process that never reads it blocks nobody.
///
/// # Errors
/// When there is no memory for it.
pub(super) fn readable_text(text: &str) -> Result<OwnedFd, String> {
    let failed = |reason: &dyn std::fmt::Display| format!("stdin: no memory for {} bytes: {reason}", text.len());
    let memory = memfd_create(c"cronbus-stdin", MFdFlags::MFD_CLOEXEC).map_err(|errno| failed(&errno.desc()))?;
    let mut file = File::from(memory);
    file.write_all(text.as_bytes()).and_then(|()| file.rewind()).map_err(|error| failed(&error))?;
    Ok(file.into())
}

/// The system's answer does not say whether it means the directory or the program.
pub(super) fn refusal(plan: &Plan, errno: Errno) -> String {
    let path = plan.program.path.to_string_lossy();
    if errno == Errno::E2BIG {
        return "command and env together are longer than the system allows; pass the data by a file".to_owned();
    }
    if plan.program.directory.is_some()
        && let Err(missing) = nix::unistd::access(plan.directory.as_str(), nix::unistd::AccessFlags::X_OK)
    {
        return format!("cwd: {} cannot be entered: {}", plan.directory, missing.desc());
    }
    if !std::path::Path::new(&plan.directory).is_dir() && plan.program.directory.is_some() {
        return format!("cwd: {} is not a directory", plan.directory);
    }
    format!("{path}: {}", errno.desc())
}
