//! Runs that outlive their node: their files, and their end with the test that started them.

use std::fs::File;
use std::path::{Path, PathBuf};

use cronbus_shim_kit::file;
use cronbus_shim_kit::{Process, proc};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// The file of a run.
pub(crate) fn file_of(data: &Path, run: &str) -> PathBuf {
    data.join("runs").join(format!("{run}.run"))
}

/// The shim of a run that was started, and the leader of its command.
pub(crate) fn processes(path: &Path) -> Option<(Process, Process)> {
    let file = File::open(path).ok()?;
    Some((file::read_plan(&file).ok()??.shim, file::read_started(&file).ok()??.process))
}

/// Ends whatever goes on in a directory that is about to be removed.
pub(crate) fn end_all(data: &Path) {
    let files = std::fs::read_dir(data.join("runs")).into_iter().flatten().flatten();
    for (shim, leader) in files.filter_map(|file| processes(&file.path())) {
        end(shim, |pid| kill(pid, Signal::SIGKILL));
        end(leader, |pid| killpg(pid, Signal::SIGKILL));
    }
}

fn end(process: Process, by: impl Fn(Pid) -> nix::Result<()>) {
    if proc::lives(process) {
        let _ = by(Pid::from_raw(process.pid.try_into().unwrap()));
    }
}
