//! What the system lets a node have: open files, processes, memory.
//!
//! These are the limits of whoever runs this command; those of a service are in its unit.

use std::path::PathBuf;

use cronbus_core::config::Config;
use cronbus_core::port::membership::Role;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use super::finding::Finding;

/// Besides those of runs: databases, logs, those who ask.
const OTHER_FILES: u64 = 1_024;

/// A run holds two pipes and its log.
const FILES_PER_RUN: u64 = 4;

/// A run is a shell and what that starts.
const PROCESSES_PER_RUN: u64 = 4;

/// What is found about them.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    let runs = if config.node.roles.contains(&Role::Executor) { slots(config) } else { 0 };
    let mut findings = Vec::new();
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let needed = OTHER_FILES + FILES_PER_RUN * runs;
        let advice = "raise it (LimitNOFILE= of the unit, ulimit -Hn), or lower executor.slots";
        findings.push(enough("open files", hard, needed, runs, advice));
    }
    if let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NPROC) {
        let advice = "raise it (LimitNPROC= of the unit, ulimit -u), or lower executor.slots";
        findings.push(enough("processes", soft, PROCESSES_PER_RUN * runs, runs, advice));
    }
    if let Some(allowed) = tasks_of_the_group() {
        let advice = "raise it (TasksMax= of the unit, pids.max of the control group), or lower executor.slots";
        findings.push(enough("tasks", allowed, PROCESSES_PER_RUN * runs, runs, advice));
    }
    findings
}

/// How many runs execute at a time.
fn slots(config: &Config) -> u64 {
    match config.executor.slots {
        0 => std::thread::available_parallelism().map_or(4, |cores| 4 * cores.get() as u64),
        slots => u64::from(slots),
    }
}

fn enough(check: &'static str, allowed: u64, needed: u64, runs: u64, advice: &str) -> Finding {
    let shown = if allowed == RLIM_INFINITY { "as many as wanted".to_owned() } else { format!("{allowed} allowed") };
    let detail = format!("{shown}; {runs} runs at a time may need {needed}");
    if allowed < needed { Finding::warn(check, detail, advice) } else { Finding::ok(check, detail) }
}

/// What the control group (version 2) of this process allows; `None` where it says nothing.
fn tasks_of_the_group() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let folder = PathBuf::from("/sys/fs/cgroup").join(own.trim_start_matches('/'));
    std::fs::read_to_string(folder.join("pids.max")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::doctor::finding::Level;

    #[test]
    fn too_few_for_the_slots_is_told_with_what_is_needed() {
        let found = enough("open files", 100, 1_424, 100, "raise it");
        assert!(found.level == Level::Warn && found.detail.contains("100 runs at a time may need 1424"), "{found:?}");
        assert_eq!(enough("processes", RLIM_INFINITY, 4_000, 1_000, "").level, Level::Ok);
    }
}
