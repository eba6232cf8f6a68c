//! The runs that wait for a slot: by priority, and within it in the order they came.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::id::{JobId, RunId};
use crate::wire::Assignment;

/// How many priorities there are: 0 to 9.
const PRIORITIES: usize = 10;

/// Runs that wait for a slot, and runs that wait for others of their job.
#[derive(Debug)]
pub(super) struct Queue {
    by_priority: [VecDeque<Arc<Assignment>>; PRIORITIES],
    parked: HashMap<JobId, VecDeque<Arc<Assignment>>>,
    len: usize,
}

impl Queue {
    pub(super) fn empty() -> Self {
        Self { by_priority: Default::default(), parked: HashMap::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, assignment: Arc<Assignment>) {
        let priority = usize::from(assignment.job.definition.priority).min(PRIORITIES - 1);
        if let Some(queue) = self.by_priority.get_mut(priority) {
            queue.push_back(assignment);
            self.len += 1;
        }
    }

    /// The next one, the highest priority first.
    pub(super) fn pop(&mut self) -> Option<Arc<Assignment>> {
        let next = self.by_priority.iter_mut().rev().find_map(VecDeque::pop_front)?;
        self.len -= 1;
        Some(next)
    }

    /// Sets one aside until [`Self::unpark`] is called for its job.
    pub(super) fn park(&mut self, assignment: Arc<Assignment>) {
        self.parked.entry(assignment.job.id).or_default().push_back(assignment);
        self.len += 1;
    }

    /// Brings the next one of the job that was set aside back, before all others of its priority.
    pub(super) fn unpark(&mut self, job: JobId) {
        let Some(parked) = self.parked.get_mut(&job) else { return };
        if let Some(assignment) = parked.pop_front() {
            let priority = usize::from(assignment.job.definition.priority).min(PRIORITIES - 1);
            if let Some(queue) = self.by_priority.get_mut(priority) {
                queue.push_front(assignment);
            }
        }
        if parked.is_empty() {
            self.parked.remove(&job);
        }
    }

    /// Takes one out, wherever it waits.
    pub(super) fn remove(&mut self, run: RunId) -> bool {
        let queues = self.by_priority.iter_mut().chain(self.parked.values_mut());
        for queue in queues {
            if let Some(place) = queue.iter().position(|assignment| assignment.run == run) {
                queue.remove(place);
                self.len -= 1;
                self.parked.retain(|_, queue| !queue.is_empty());
                return true;
            }
        }
        false
    }
}
