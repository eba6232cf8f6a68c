//! A control group (cgroup v2) for one run: its limits, who is in it, its end. Where groups may be made is for others to know.
//!
//! The files are those of the kernel's *Control Group v2* (Documentation/admin-guide/cgroup-v2.rst).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The period over which CPU time is counted, in microseconds: the kernel's default.
const CPU_PERIOD: u64 = 100_000;

/// What a run may use at the most. What is absent is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Memory of all its processes together, in bytes; none of it is swapped out.
    pub memory: Option<u64>,
    /// CPU time, in thousandths of one processor.
    pub cpu_thousandths: Option<u32>,
    /// Processes and threads at a time.
    pub processes: Option<u32>,
}

impl Limits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The files of the group and what is written to them.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = Vec::new();
        if let Some(bytes) = self.memory {
            settings.push(("memory.max", bytes.to_string()));
            // What is half killed may do half of its work: all of it goes, or nothing.
            settings.push(("memory.oom.group", "1".to_owned()));
        }
        if let Some(thousandths) = self.cpu_thousandths {
            let quota = u64::from(thousandths).saturating_mul(CPU_PERIOD) / 1000;
            settings.push(("cpu.max", format!("{quota} {CPU_PERIOD}")));
        }
        if let Some(processes) = self.processes {
            settings.push(("pids.max", processes.to_string()));
        }
        settings
    }
}

/// That processes of the group were killed because there was no more memory for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// How many were.
    pub killed: u32,
    /// The limit, in bytes; 0 when it is not known.
    pub limit: u64,
}

/// The group of a run. It is a path, and may be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group(PathBuf);

impl Group {
    /// The group at this path.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes it, with its limits, and with nobody in it.
    ///
    /// # Errors
    /// What could not be done to which file. Nothing is left then.
    pub fn create(path: PathBuf, limits: &Limits) -> io::Result<Self> {
        let group = Self(path);
        let made = fs::create_dir(&group.0).map_err(|error| on(&group.0, &error));
        made?;
        let mut limited = limits.settings().into_iter().try_for_each(|(file, text)| group.write(file, &text));
        if limits.memory.is_some() && limited.is_ok() {
            limited = match group.write("memory.swap.max", "0") {
                // There is no swap to be counted.
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                written => written,
            };
        }
        limited.inspect_err(|_| group.remove())?;
        Ok(group)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Puts this process into it.
    ///
    /// # Errors
    /// When it is gone, or this process may not.
    pub fn enter(&self) -> io::Result<()> {
        self.write("cgroup.procs", "0")
    }

    /// Kills everybody in it at once, also who is just being started (since Linux 5.14).
    pub fn kill(&self) {
        // An older kernel, or nobody left: each is killed one by one, too.
        let _ = self.write("cgroup.kill", "1");
    }

    /// Whether anybody is in it.
    #[must_use]
    pub fn is_populated(&self) -> bool {
        number(&self.read("cgroup.events"), "populated") == Some(1)
    }

    /// Who is in it.
    #[must_use]
    pub fn members(&self) -> Vec<u32> {
        self.read("cgroup.procs").lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Whether somebody in it was killed because all was used that it may use of memory.
    #[must_use]
    pub fn out_of_memory(&self) -> Option<OutOfMemory> {
        let events = self.read("memory.events");
        // Killed are also those whom the machine as a whole had no more memory for.
        number(&events, "oom").filter(|met| *met > 0)?;
        let killed = number(&events, "oom_kill").filter(|killed| *killed > 0)?;
        let limit = self.read("memory.max").trim().parse().unwrap_or(0);
        Some(OutOfMemory { killed: u32::try_from(killed).unwrap_or(u32::MAX), limit })
    }

    /// Removes it, unless somebody is in it; also what its processes made in it.
    pub fn remove(&self) {
        remove(&self.0);
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        let path = self.0.join(file);
        fs::write(&path, text).map_err(|error| on(&path, &error))
    }
}

/// A folder of the file system of groups can be removed although it shows files.
fn remove(path: &Path) {
    if fs::remove_dir(path).is_ok() {
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.for_each(|folder| remove(&folder.path()));
    // Somebody may be in it still.
    let _ = fs::remove_dir(path);
}

fn on(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The number behind a word at the beginning of a line.
fn number(text: &str, word: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(name, _)| *name == word)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_as_the_kernel_reads_them() {
        let limits = Limits { memory: Some(64 << 20), cpu_thousandths: Some(1_500), processes: Some(20) };
        let expected =
            [("memory.max", "67108864"), ("memory.oom.group", "1"), ("cpu.max", "150000 100000"), ("pids.max", "20")];
        assert_eq!(limits.settings(), expected.map(|(file, text)| (file, text.to_owned())));
        assert!(Limits::default().settings().is_empty() && Limits::default().is_none());
    }

    #[test]
    fn what_the_kernel_says_is_understood() {
        let folder = tempfile::tempdir().unwrap();
        let group = Group::at(folder.path().to_owned());
        assert!(!group.is_populated() && group.members().is_empty() && group.out_of_memory().is_none());
        let say = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
        say("cgroup.events", "populated 1\nfrozen 0\n");
        say("cgroup.procs", "12\n345\n");
        say("memory.events", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 0\noom_group_kill 0\n");
        assert!(group.is_populated() && group.members() == [12, 345] && group.out_of_memory().is_none());
        say("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 3\noom_group_kill 0\n");
        assert!(group.out_of_memory().is_none(), "the whole machine had no more");
        say("memory.events", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 3\noom_group_kill 1\n");
        say("memory.max", "67108864\n");
        assert_eq!(group.out_of_memory(), Some(OutOfMemory { killed: 3, limit: 64 << 20 }));
    }

    #[test]
    fn a_group_that_cannot_be_made_leaves_nothing_and_says_what_failed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("run");
        let error = Group::create(path.clone(), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
