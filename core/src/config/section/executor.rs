//! `[executor]`: runs commands and calls.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bytesize::ByteSize;
use crate::duration::Period;
use crate::job::Isolation;

/// Runs commands and calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Executor {
    /// How many shell and HTTP runs at a time. 0: see [`Executor::slots_on`].
    pub slots: u32,
    /// How many runs may wait for a slot; more are sent elsewhere or wait at the dispatcher.
    pub queue: u32,
    /// How much output is kept of a run, head and tail; the cut is recorded.
    pub output_limit: ByteSize,
    /// How long a process has between TERM and KILL.
    pub kill_grace: Period,
    /// How long running jobs may go on when the node ends.
    pub shutdown_wait: Period,
    /// What to do with the processes of a node that died.
    pub orphans: Orphans,
    /// Who supervises shell runs whose jobs do not say.
    pub isolation: Isolation,
    /// The executable `cronbus-shim`; empty: the one beside this executable.
    pub shim: PathBuf,
    /// What becomes of shell runs under shims when the node ends.
    pub on_stop: OnStop,
    /// What runs shell commands, unless the job says otherwise; an absolute path.
    pub shell: PathBuf,
    /// The `PATH` of commands.
    pub path: String,
}

/// What to do with the processes of a node that died, when it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orphans {
    /// End them.
    Kill,
    /// Let them go on; their runs are `lost` all the same.
    Leave,
}

/// What becomes of shell runs under shims when the node ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnStop {
    /// They may go on for `shutdown_wait`, as all others, and are killed then.
    Finish,
    /// They are left to their shims, and the node's next life takes them up.
    Leave,
}

impl Default for Executor {
    fn default() -> Self {
        Self {
            slots: 0,
            queue: 100_000,
            output_limit: ByteSize::mib(1),
            kill_grace: Period::from_secs(10),
            shutdown_wait: Period::from_secs(30),
            orphans: Orphans::Kill,
            isolation: Isolation::Shim,
            shim: PathBuf::new(),
            on_stop: OnStop::Finish,
            shell: "/bin/sh".into(),
            path: "/usr/bin:/bin".to_owned(),
        }
    }
}

impl Executor {
    /// The number of slots on a machine with so many cores: what is configured, or four for each core.
    #[must_use]
    pub fn slots_on(&self, cores: usize) -> u32 {
        if self.slots > 0 {
            return self.slots;
        }
        u32::try_from(cores).unwrap_or(u32::MAX).max(1).saturating_mul(4)
    }
}
