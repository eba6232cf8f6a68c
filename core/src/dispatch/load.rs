//! Which runs of a job execute and which wait for those: what overlap is decided on.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::id::{JobId, NodeName, RunId};
use crate::policy::overlap::Busy;
use crate::run::Run;

/// What a run may overlap with: the runs of its job; if it is for one node only, those that are for the same node, since
/// the runs of a broadcast are meant to execute side by side.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    job: JobId,
    node: Option<NodeName>,
}

impl Lane {
    pub(super) fn of(run: &Run) -> Self {
        Self { job: run.job, node: if run.is_pinned() { run.node.clone() } else { None } }
    }
}

/// The runs of one lane.
#[derive(Debug, Default)]
struct Runs {
    executing: BTreeSet<RunId>,
    waiting: VecDeque<RunId>,
}

/// The runs of all lanes that have any.
#[derive(Debug, Default)]
pub(super) struct Load(HashMap<Lane, Runs>);

impl Load {
    pub(super) fn busy(&self, lane: &Lane) -> Busy {
        self.0.get(lane).map_or_else(Busy::default, |runs| Busy {
            executing: u32::try_from(runs.executing.len()).unwrap_or(u32::MAX),
            queued: u32::try_from(runs.waiting.len()).unwrap_or(u32::MAX),
        })
    }

    pub(super) fn executing(&self, lane: &Lane) -> Vec<RunId> {
        self.0.get(lane).map(|runs| runs.executing.iter().copied().collect()).unwrap_or_default()
    }

    pub(super) fn execute(&mut self, lane: Lane, run: RunId) {
        self.0.entry(lane).or_default().executing.insert(run);
    }

    pub(super) fn wait(&mut self, lane: Lane, run: RunId) {
        self.0.entry(lane).or_default().waiting.push_back(run);
    }

    /// Takes out all that wait.
    pub(super) fn take_waiting(&mut self, lane: &Lane) -> Vec<RunId> {
        self.0.get_mut(lane).map(|runs| runs.waiting.drain(..).collect()).unwrap_or_default()
    }

    /// The run is over, or will not be executed. Returns the run that may go on now, if there is one: it counts as
    /// executing from here on.
    pub(super) fn over(&mut self, lane: &Lane, run: RunId) -> Option<RunId> {
        let runs = self.0.get_mut(lane)?;
        if !runs.executing.remove(&run) {
            runs.waiting.retain(|other| *other != run);
        }
        let next = if runs.executing.is_empty() { runs.waiting.pop_front() } else { None };
        runs.executing.extend(next);
        if runs.executing.is_empty() && runs.waiting.is_empty() {
            self.0.remove(lane);
        }
        next
    }
}
