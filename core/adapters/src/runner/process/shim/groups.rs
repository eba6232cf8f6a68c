//! Where this node may make control groups (cgroup v2) for its runs, and making them.
//!
//! ```text
//!   the group that was given to this node ─┬─ node/  this process, its shims
//!                                          └─ runs/ ─┬─ <run>/  the run's processes, its limits
//!                                                    └─ …
//! ```
//!
//! A group that gives others their share of memory has no processes of its own: hence `node`. Whoever starts a node should
//! put it there (systemd: `Delegate=yes`, `DelegateSubgroup=node`). A node that is alone in its group goes there itself, but
//! not under a service manager: that starts it again in the upper one, which is refused for as long as runs go on below.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::job::Limits;
use cronbus_shim_kit::group::{self, Group};
use cronbus_shim_kit::native::Program;
use cronbus_shim_kit::program;

/// Where the node itself is.
const OWN: &str = "node";

/// Where its runs are.
const RUNS: &str = "runs";

/// What shares out what can be limited.
const CONTROLLERS: [&str; 3] = ["memory", "cpu", "pids"];

/// How often, and at which distance, it is looked whether everybody who was killed is gone.
const LOOKS: u32 = 100;
const LOOK: Duration = Duration::from_millis(10);

/// What to do where runs cannot be limited.
const ADVICE: &str = "see \"Limits of runs\" in docs/operations.md, or take `limits` out of the job";

/// Where the groups of runs are made, or why none can be.
#[derive(Clone, Debug)]
pub struct Groups(Result<PathBuf, String>);

impl Groups {
    /// Takes the group of this process into use. May move this process to a group below it.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self(open(&System::of("self")))
    }

    /// Whether a node that runs as this process has groups for its runs. Changes nothing.
    #[must_use]
    pub fn has(pid: u32) -> bool {
        let runs = System::of(&pid.to_string()).folder().ok().and_then(|own| Some(own.parent()?.join(RUNS)));
        let shared = runs.and_then(|runs| fs::read_to_string(runs.join("cgroup.subtree_control")).ok());
        shared
            .is_some_and(|shared| CONTROLLERS.into_iter().all(|name| shared.split_whitespace().any(|has| has == name)))
    }

    /// None can be made, for this reason.
    #[must_use]
    pub fn none(why: &str) -> Self {
        Self(Err(why.to_owned()))
    }

    /// Why no run can be limited, if none can be.
    #[must_use]
    pub fn lack(&self) -> Option<&str> {
        self.0.as_ref().err().map(String::as_str)
    }

    /// Makes the group of a run; `None` when nothing is limited.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) fn make(&self, run: RunId, limits: Limits) -> Result<Option<Made>, String> {
        if limits.is_none() {
            return Ok(None);
        }
        let runs = self.0.as_ref().map_err(|why| format!("limits: this node cannot limit runs: {why}; {ADVICE}"))?;
        let path = runs.join(run.to_string());
        // One that is there is of a run that never began.
        Group::at(path.clone()).remove();
        let group = Group::create(path, &for_kernel(limits)).map_err(|error| format!("limits: {error}; {ADVICE}"))?;
        Ok(Some(Made { group, is_needed: false }))
    }

    /// Ends whoever is in the group of a run that has no supervisor any more. Called where blocking is allowed.
    pub(super) fn end(&self, run: RunId) {
        let Ok(runs) = &self.0 else { return };
        let group = Group::at(runs.join(run.to_string()));
        group.kill();
        for _ in 0..LOOKS {
            if !group.is_populated() {
                break;
            }
            std::thread::sleep(LOOK);
        }
        // What the kernel holds for longer is removed at the next start.
        group.remove();
    }

    /// Removes the groups of runs that are over and that nobody is in.
    pub(super) fn sweep(&self, wanted: &[RunId]) {
        let Some(entries) = self.0.as_ref().ok().and_then(|runs| fs::read_dir(runs).ok()) else { return };
        for entry in entries.flatten() {
            let run: Option<RunId> = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if run.is_some_and(|run| !wanted.contains(&run)) {
                Group::at(entry.path()).remove();
            }
        }
    }
}

/// A group that was made for a run that has still to begin. It goes if that does not.
#[derive(Debug)]
pub(super) struct Made {
    group: Group,
    is_needed: bool,
}

impl Made {
    /// The program, within the group.
    pub(super) fn holding(&self, executable: &Path, program: Program) -> Result<Program, String> {
        program::within(executable, &self.group, program).map_err(|error| format!("limits: {error}"))
    }

    pub(super) fn group(&self) -> Group {
        self.group.clone()
    }

    /// The run has begun: its supervisor removes the group.
    pub(super) fn keep(mut self) {
        self.is_needed = true;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if !self.is_needed {
            self.group.remove();
        }
    }
}

fn for_kernel(limits: Limits) -> group::Limits {
    group::Limits {
        memory: limits.memory.map(|memory| memory.bytes()),
        // Checked to be from 0.01 to 4096 when the job was added.
        cpu_thousandths: limits.cpu.map(|cpu| (cpu * 1000.0).round() as u32),
        processes: limits.processes,
    }
}

/// What the system says of this process.
#[derive(Debug)]
struct System {
    pid: u32,
    /// Its line in `/proc/<pid>/cgroup`.
    own: String,
    /// `/proc/self/mountinfo`.
    mounts: String,
    /// Whether somebody starts this process again in the group it was started in.
    is_managed: bool,
}

impl System {
    /// `name` is that of its folder in `/proc`.
    fn of(name: &str) -> Self {
        let read = |file| fs::read_to_string(format!("/proc/{name}/{file}")).unwrap_or_default();
        Self {
            pid: std::process::id(),
            own: read("cgroup"),
            mounts: fs::read_to_string("/proc/self/mountinfo").unwrap_or_default(),
            is_managed: ["NOTIFY_SOCKET", "INVOCATION_ID"].into_iter().any(|name| std::env::var_os(name).is_some()),
        }
    }

    /// The folder of this process's group.
    fn folder(&self) -> Result<PathBuf, String> {
        let own = self.own.lines().find_map(|line| line.strip_prefix("0::"));
        let mount = self.mounts.lines().find_map(unified);
        let (Some(own), Some((root, place))) = (own, mount) else {
            return Err("there is no cgroup v2 on this machine".to_owned());
        };
        let below = own.strip_prefix(root.trim_end_matches('/')).unwrap_or(own);
        Ok(Path::new(place).join(below.trim_start_matches('/')))
    }
}

/// The root and the place of a mount, if it is the one of cgroup v2 (proc_pid_mountinfo(5)).
fn unified(line: &str) -> Option<(&str, &str)> {
    let (mount, kind) = line.split_once(" - ")?;
    let mut fields = mount.split(' ').skip(3);
    kind.starts_with("cgroup2 ").then_some((fields.next()?, fields.next()?))
}

fn open(system: &System) -> Result<PathBuf, String> {
    let folder = system.folder()?;
    let is_within = folder.file_name().is_some_and(|name| name == OWN);
    let given = folder.parent().filter(|_| is_within).unwrap_or(&folder).to_owned();
    let controllers = fs::read_to_string(given.join("cgroup.controllers")).unwrap_or_default();
    let missing: Vec<&str> =
        CONTROLLERS.into_iter().filter(|name| !controllers.split_whitespace().any(|has| has == *name)).collect();
    if !missing.is_empty() {
        return Err(format!("its group {} is not given control of {}", given.display(), missing.join(", ")));
    }
    if !is_within {
        enter_below(system, &given)?;
    }
    let runs = given.join(RUNS);
    share_out(&given)?;
    match fs::create_dir(&runs) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(refused(&runs, &error)),
        _ => share_out(&runs)?,
    }
    Ok(runs)
}

/// Moves this process below its group, so that the group can have others below it.
fn enter_below(system: &System, given: &Path) -> Result<(), String> {
    if system.is_managed {
        return Err(format!(
            "the service manager started it in the group {} itself and not in `{OWN}` below it, as systemd does from version \
             254 on with Delegate=yes and DelegateSubgroup={OWN}",
            given.display()
        ));
    }
    let members = fs::read_to_string(given.join("cgroup.procs")).unwrap_or_default();
    let is_alone = members.lines().all(|member| member.trim().parse() == Ok(system.pid));
    // The uppermost group has no such file, and is nobody's.
    if !is_alone || !given.join("cgroup.events").exists() {
        return Err(format!("it shares its group {} with others", given.display()));
    }
    let own = given.join(OWN);
    match fs::create_dir(&own) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(refused(&own, &error)),
        _ => Group::at(own).enter().map_err(|error| error.to_string()),
    }
}

/// Has a group share out what it has to those below it.
fn share_out(group: &Path) -> Result<(), String> {
    let file = group.join("cgroup.subtree_control");
    let wanted = CONTROLLERS.map(|name| format!("+{name}")).join(" ");
    fs::write(&file, wanted).map_err(|error| refused(&file, &error))
}

fn refused(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "24 30 0:22 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755\n\
                          35 34 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    fn system(own: &str, mounts: &str) -> System {
        System { pid: 7, own: own.to_owned(), mounts: mounts.to_owned(), is_managed: false }
    }

    #[test]
    fn the_group_of_a_process_is_found() {
        let unified = "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        for (own, mounts, folder) in [
            (
                "4:memory:/a\n0::/system.slice/a.service\n",
                HYBRID,
                Some("/sys/fs/cgroup/unified/system.slice/a.service"),
            ),
            ("0::/\n", HYBRID, Some("/sys/fs/cgroup/unified")),
            ("0::/docker/abc/node\n", unified, Some("/sys/fs/cgroup/node")),
            ("4:memory:/a\n", HYBRID, None),
            ("0::/a\n", "", None),
        ] {
            assert_eq!(system(own, mounts).folder().ok().as_deref(), folder.map(Path::new), "{own}");
        }
    }

    #[test]
    fn a_node_that_may_not_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let mounts = format!("30 23 0:26 / {} rw - cgroup2 cgroup rw\n", folder.path().display());
        let mut system = system("0::/a\n", &mounts);
        let given = folder.path().join("a");
        fs::create_dir(&given).unwrap();
        assert!(open(&system).unwrap_err().contains("is not given control of memory, cpu, pids"));
        fs::write(given.join("cgroup.controllers"), "cpu io pids\n").unwrap();
        assert!(open(&system).unwrap_err().ends_with("control of memory"));
        fs::write(given.join("cgroup.controllers"), "cpu memory pids\n").unwrap();
        fs::write(given.join("cgroup.procs"), "7\n").unwrap();
        assert!(open(&system).unwrap_err().contains("shares its group"), "the uppermost group");
        fs::write(given.join("cgroup.events"), "populated 1\n").unwrap();
        fs::write(given.join("cgroup.procs"), "7\n8\n").unwrap();
        assert!(open(&system).unwrap_err().contains("shares its group"));
        system.is_managed = true;
        assert!(open(&system).unwrap_err().contains("DelegateSubgroup"));
        let run = RunId::floor(cronbus_core::time::Timestamp::EPOCH);
        let limits = Limits { processes: Some(1), ..Limits::default() };
        let why = Groups::none("of this").make(run, limits).unwrap_err();
        assert!(why.contains("of this") && why.contains("docs/operations.md"), "{why}");
        assert!(Groups::none("of this").make(run, Limits::default()).unwrap().is_none());
    }
}
