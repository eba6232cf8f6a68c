//! Which runs of a job execute and which wait for those: what overlap is decided on.

use std::collections::{HashMap, VecDeque};

use crate::id::{JobId, RunId};
use crate::policy::overlap::Busy;

/// The runs of one job.
#[derive(Debug, Default)]
struct Runs {
    executing: Vec<RunId>,
    waiting: VecDeque<RunId>,
}

/// The runs of all jobs that have any.
#[derive(Debug, Default)]
pub(super) struct Load(HashMap<JobId, Runs>);

impl Load {
    pub(super) fn busy(&self, job: JobId) -> Busy {
        self.0.get(&job).map_or_else(Busy::default, |runs| Busy {
            executing: u32::try_from(runs.executing.len()).unwrap_or(u32::MAX),
            queued: u32::try_from(runs.waiting.len()).unwrap_or(u32::MAX),
        })
    }

    pub(super) fn executing(&self, job: JobId) -> Vec<RunId> {
        self.0.get(&job).map(|runs| runs.executing.clone()).unwrap_or_default()
    }

    pub(super) fn execute(&mut self, job: JobId, run: RunId) {
        let runs = self.0.entry(job).or_default();
        if !runs.executing.contains(&run) {
            runs.executing.push(run);
        }
    }

    pub(super) fn wait(&mut self, job: JobId, run: RunId) {
        self.0.entry(job).or_default().waiting.push_back(run);
    }

    /// Takes out all that wait.
    pub(super) fn take_waiting(&mut self, job: JobId) -> Vec<RunId> {
        self.0.get_mut(&job).map(|runs| runs.waiting.drain(..).collect()).unwrap_or_default()
    }

    /// The run is over, or will not be executed. Returns the run that may go on now, if there is one: it counts as
    /// executing from here on.
    pub(super) fn over(&mut self, job: JobId, run: RunId) -> Option<RunId> {
        let runs = self.0.get_mut(&job)?;
        runs.executing.retain(|other| *other != run);
        runs.waiting.retain(|other| *other != run);
        let next = if runs.executing.is_empty() { runs.waiting.pop_front() } else { None };
        runs.executing.extend(next);
        if runs.executing.is_empty() && runs.waiting.is_empty() {
            self.0.remove(&job);
        }
        next
    }
}
