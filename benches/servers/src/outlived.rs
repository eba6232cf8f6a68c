//! Runs that outlive their node: their files, and their end with the stage they were started on.

use std::fs::File;
use std::path::{Path, PathBuf};

use cronbus_shim_kit::file;
use cronbus_shim_kit::{Process, proc};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// The file of a run, in the data directory of its node.
#[must_use]
pub fn file_of(data: &Path, run: &str) -> PathBuf {
    data.join("runs").join(format!("{run}.run"))
}

/// The shim of a run that was started, and the leader of its command.
#[must_use]
pub fn processes(path: &Path) -> Option<(Process, Process)> {
    let file = File::open(path).ok()?;
    Some((file::read_plan(&file).ok()??.shim, file::read_started(&file).ok()??.process))
}

/// Ends whatever goes on in a data directory that is about to be removed.
pub fn end_all(data: &Path) {
    let files = std::fs::read_dir(data.join("runs")).into_iter().flatten().flatten();
    for path in files.map(|file| file.path()) {
        // The shim first: what it starts is in the file by then, and nothing more is started.
        end(shim_of(&path), |pid| kill(pid, Signal::SIGKILL));
        end(processes(&path).map(|(_, leader)| leader), |pid| killpg(pid, Signal::SIGKILL));
    }
}

fn shim_of(path: &Path) -> Option<Process> {
    Some(file::read_plan(&File::open(path).ok()?).ok()??.shim)
}

fn end(process: Option<Process>, by: impl Fn(Pid) -> nix::Result<()>) {
    let living = process.filter(|process| proc::lives(*process));
    if let Some(Ok(pid)) = living.map(|process| i32::try_from(process.pid)) {
        let _gone = by(Pid::from_raw(pid));
    }
}
