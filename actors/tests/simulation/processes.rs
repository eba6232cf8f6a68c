//! The processes of a simulated world. They do not die with the node that started them.

use std::sync::Mutex;
use std::time::Duration;

use cronbus_core::id::{JobId, RunId};
use cronbus_core::port::spool::Process;

use crate::chance::mix;
use crate::history::LifeName;

/// One process, from its start to its end.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) run: RunId,
    pub(crate) job: JobId,
    pub(crate) life: LifeName,
    pub(crate) from: Duration,
    /// Where it ends by itself, or was ended.
    pub(crate) until: Duration,
}

/// All there ever were; a process's number is its place, from 1.
#[derive(Debug, Default)]
pub(crate) struct Processes(Mutex<Vec<Execution>>);

impl Processes {
    pub(crate) fn start(&self, execution: Execution) -> Process {
        let mut all = self.0.lock().unwrap();
        all.push(execution);
        Process { pid: u32::try_from(all.len()).unwrap(), start_ticks: 1 }
    }

    /// Ends a process at `at`, unless it ends before. Returns when it ends.
    pub(crate) fn end(&self, process: Process, at: Duration) -> Duration {
        let mut all = self.0.lock().unwrap();
        let execution = &mut all[process.pid as usize - 1];
        execution.until = execution.until.min(at);
        execution.until
    }

    pub(crate) fn ends(&self, process: Process) -> Duration {
        self.0.lock().unwrap()[process.pid as usize - 1].until
    }

    pub(crate) fn all(&self) -> Vec<Execution> {
        self.0.lock().unwrap().clone()
    }
}

/// What a run does when it is executed: the same in every replay, whatever happens around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) lasts: Duration,
    pub(crate) exit_code: i32,
    /// How long it goes on after TERM.
    pub(crate) lingers: Duration,
    /// Whether there is no such command.
    pub(crate) cannot_start: bool,
}

impl Fate {
    pub(crate) fn of(seed: u64, run: RunId) -> Self {
        let [low, high] = [0, 8].map(|at| u64::from_be_bytes(run.as_bytes()[at..at + 8].try_into().unwrap()));
        let roll = |salt: u64, sides: u64| mix(mix(seed ^ low) ^ mix(high ^ mix(salt))) % sides;
        let lasts = match roll(1, 100) {
            0..10 => 0,
            10..70 => roll(2, 300),
            70..90 => roll(2, 2_000),
            90..98 => roll(2, 6_000),
            _ => roll(2, 20_000),
        };
        Self {
            lasts: Duration::from_millis(lasts),
            exit_code: if roll(3, 100) < 70 { 0 } else { i32::try_from(roll(4, 3)).unwrap() },
            lingers: Duration::from_millis([0, 0, 50, 5_000][usize::try_from(roll(5, 4)).unwrap()]),
            cannot_start: roll(6, 100) < 2,
        }
    }
}
