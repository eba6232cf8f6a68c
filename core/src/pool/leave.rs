//! Leave to begin.
//!
//! ```text
//!   slot free ─▶ ready ──Report::Ready──▶ dispatcher ──Control::Begin──▶ may begin ─▶ starting
//! ```
//!
//! A dispatcher that gave no leave knows that the run was not begun, whatever became of this node, and can give it to
//! another. A leave is for one hand-over: one that comes late opens nothing.

use std::sync::Arc;

use crate::id::RunId;
use crate::time::Timestamp;
use crate::wire::{Assignment, Handover, Report};

use super::known::Known;
use super::machine::{Pool, Starts};

impl Pool {
    /// A dispatcher lets runs begin: [`Self::next`] starts them. What does not wait for it is passed over.
    pub fn may_begin(&mut self, runs: &[(RunId, Handover)]) {
        for (run, handover) in runs {
            let Some(Known::Ready { assignment, may_begin: may_begin @ false }) = self.known.get_mut(run) else {
                continue;
            };
            if assignment.handover == *handover {
                *may_begin = true;
                self.on_leave.push(Arc::clone(assignment));
            }
        }
    }

    /// What to say again, since nobody has answered: the runs that wait for leave, each with its assignment.
    #[must_use]
    pub fn without_leave(&self) -> Vec<(Arc<Assignment>, Report)> {
        let waiting = |known: &Known| match known {
            Known::Ready { assignment, may_begin: false } => {
                Some((Arc::clone(assignment), known.report(assignment.run)?))
            }
            _ => None,
        };
        self.known.values().filter_map(waiting).collect()
    }

    /// Begins what has leave, unless it is too late for it.
    pub(super) fn begin_on_leave(&mut self, now: Timestamp, starts: &mut Starts) {
        if self.held || self.closed {
            return;
        }
        for assignment in std::mem::take(&mut self.on_leave) {
            if !self.is_on_leave(&assignment) {
                continue;
            }
            if assignment.start_by.is_some_and(|start_by| now > start_by) {
                self.known.remove(&assignment.run);
                self.free(assignment.job.id);
                starts.expired.push(assignment);
                continue;
            }
            let executing = Known::Executing { assignment: Arc::clone(&assignment), started_at: None };
            self.known.insert(assignment.run, executing);
            starts.start.push(assignment);
        }
    }

    /// It may have been killed or given back since, and may have come again.
    fn is_on_leave(&self, assignment: &Arc<Assignment>) -> bool {
        let known = self.known.get(&assignment.run);
        matches!(known, Some(Known::Ready { assignment: ready, may_begin: true }) if Arc::ptr_eq(ready, assignment))
    }

    /// Takes out all that have a slot and have not begun, in the order of their runs; their slots are free.
    pub(super) fn take_ready(&mut self) -> Vec<Arc<Assignment>> {
        self.on_leave.clear();
        let ready = |known: &Known| match known {
            Known::Ready { assignment, .. } => Some(Arc::clone(assignment)),
            _ => None,
        };
        let mut ready: Vec<_> = self.known.values().filter_map(ready).collect();
        ready.sort_by_key(|assignment| assignment.run);
        for assignment in &ready {
            self.free(assignment.job.id);
        }
        ready
    }
}
