//! Signals to a server and whoever it has started.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::Error;

/// Sends `signal` to the process and to all that descend from it: PostgreSQL's helpers are in sessions of their own.
///
/// # Errors
/// When the process may not be signalled. One that is gone is none.
pub(crate) fn signal_family(process: u32, signal: Signal) -> Result<(), Error> {
    for member in family(process) {
        send(member, signal)?;
    }
    Ok(())
}

/// Sends `signal` to the process alone.
///
/// # Errors
/// As [`signal_family`].
pub(crate) fn send(process: u32, signal: Signal) -> Result<(), Error> {
    let pid = Pid::from_raw(i32::try_from(process).unwrap_or(i32::MAX));
    match kill(pid, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(Error::System { what: "signal a server", error: error.into() }),
    }
}

/// The process and its descendants, parents before children.
#[must_use]
pub fn family(process: u32) -> Vec<u32> {
    let mut members = vec![process];
    let mut next = 0;
    while let Some(parent) = members.get(next).copied() {
        let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        members.extend(listed.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        next += 1;
    }
    members
}

/// Whether a process is there and has not ended.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
}
