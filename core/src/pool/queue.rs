//! The runs that wait for a slot: by priority, and within it in the order they came.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::id::{JobId, RunId};
use crate::wire::Assignment;

/// How many priorities there are: 0 to 9.
const PRIORITIES: usize = 10;

/// Runs of one priority.
#[derive(Debug, Default)]
struct Line {
    /// Those that had their turn once, by when: they stand before all others.
    again: BTreeMap<u64, Arc<Assignment>>,
    /// The others, in the order they came.
    first: VecDeque<Arc<Assignment>>,
}

/// Runs that wait for a slot, and runs that wait for others of their job.
#[derive(Debug)]
pub(super) struct Queue {
    by_priority: [Line; PRIORITIES],
    /// By job, and by when they had their turn.
    parked: HashMap<JobId, BTreeMap<u64, Arc<Assignment>>>,
    turns: u64,
    len: usize,
}

impl Queue {
    pub(super) fn empty() -> Self {
        Self { by_priority: Default::default(), parked: HashMap::new(), turns: 0, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    fn line(&mut self, assignment: &Assignment) -> Option<&mut Line> {
        self.by_priority.get_mut(usize::from(assignment.job.definition.priority).min(PRIORITIES - 1))
    }

    pub(super) fn push(&mut self, assignment: Arc<Assignment>) {
        if let Some(line) = self.line(&assignment) {
            line.first.push_back(assignment);
            self.len += 1;
        }
    }

    /// The next one, the highest priority first, and the number of its turn, which it keeps.
    pub(super) fn pop(&mut self) -> Option<(u64, Arc<Assignment>)> {
        self.turns += 1;
        let turn = self.turns;
        let next_of =
            |line: &mut Line| line.again.pop_first().or_else(|| line.first.pop_front().map(|next| (turn, next)));
        let next = self.by_priority.iter_mut().rev().find_map(next_of)?;
        self.len -= 1;
        Some(next)
    }

    /// Puts one back whose turn it was.
    pub(super) fn put_back(&mut self, assignment: Arc<Assignment>) {
        self.turns += 1;
        let turn = self.turns;
        if let Some(line) = self.line(&assignment) {
            line.again.insert(turn, assignment);
            self.len += 1;
        }
    }

    /// Sets one aside whose turn it was until [`Self::unpark`] is called for its job.
    pub(super) fn park(&mut self, turn: u64, assignment: Arc<Assignment>) {
        self.parked.entry(assignment.job.id).or_default().insert(turn, assignment);
        self.len += 1;
    }

    /// Brings the first one of the job that was set aside back.
    pub(super) fn unpark(&mut self, job: JobId) {
        let Some(parked) = self.parked.get_mut(&job) else { return };
        let next = parked.pop_first();
        if parked.is_empty() {
            self.parked.remove(&job);
        }
        if let Some((turn, assignment)) = next
            && let Some(line) = self.line(&assignment)
        {
            line.again.insert(turn, assignment);
        }
    }

    /// Takes one out, wherever it waits.
    pub(super) fn remove(&mut self, assignment: &Assignment) {
        let run = assignment.run;
        let is_other = |_: &u64, other: &mut Arc<Assignment>| other.run != run;
        if let Some(line) = self.line(assignment) {
            let before = line.again.len() + line.first.len();
            line.again.retain(is_other);
            line.first.retain(|other| other.run != run);
            let taken = before - line.again.len() - line.first.len();
            self.len -= taken;
        }
        if let Some(parked) = self.parked.get_mut(&assignment.job.id) {
            let before = parked.len();
            parked.retain(is_other);
            self.len -= before - parked.len();
            if parked.is_empty() {
                self.parked.remove(&assignment.job.id);
            }
        }
    }

    /// Takes all out, in the order of their runs.
    pub(super) fn take_all(&mut self) -> Vec<Arc<Assignment>> {
        let taken = std::mem::replace(self, Self::empty());
        let waiting = taken.by_priority.into_iter().flat_map(|line| line.again.into_values().chain(line.first));
        let parked = taken.parked.into_values().flat_map(BTreeMap::into_values);
        let mut all: Vec<_> = waiting.chain(parked).collect();
        all.sort_by_key(|assignment: &Arc<Assignment>| -> RunId { assignment.run });
        all
    }
}
