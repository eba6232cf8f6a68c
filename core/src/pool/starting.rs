//! What may start now.

use std::sync::Arc;

use crate::id::JobId;
use crate::run::{Ending, Outcome};
use crate::time::Timestamp;
use crate::wire::Assignment;

use super::known::{Ended, Known, has_effect};
use super::machine::{Pool, Starts, is_staged};

/// How many runs that are nothing but their end are started at a time: the clock is read between two such batches.
const INSTANT_AT_A_TIME: usize = 10_000;

impl Pool {
    /// What may start at `now`; there may be more when it is not empty.
    pub fn next(&mut self, now: Timestamp) -> Starts {
        let mut starts = Starts::default();
        let outcome = Outcome { exit_code: Some(0), ..Outcome::bare(Ending::Succeeded, Some(now), now, "") };
        // They all end alike.
        let outcome = Arc::new(outcome);
        self.begin_on_leave(now, &mut starts);
        self.wake_staged(now, &outcome, &mut starts);
        while self.is_starting(&starts)
            && self.executing < self.settings.slots
            && let Some((turn, assignment)) = self.queue.pop()
        {
            if assignment.start_by.is_some_and(|start_by| now > start_by) {
                self.known.remove(&assignment.run);
                self.queue.unpark(assignment.job.id);
                starts.expired.push(assignment);
            } else if !has_effect(&assignment) {
                starts.instant.push(self.end_at_once(&assignment, &outcome));
            } else if self.is_at_its_limit(assignment.job.id, assignment.job.definition.concurrency) {
                self.queue.park(turn, assignment);
            } else {
                self.begin(assignment, &mut starts);
            }
        }
        starts
    }

    /// When to ask [`Self::next`] again because a moment comes, if nothing happens before.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        self.staged.first().filter(|_| !self.held && !self.closed)
    }

    const fn is_starting(&self, starts: &Starts) -> bool {
        !self.held && !self.closed && starts.instant.len() < INSTANT_AT_A_TIME
    }

    /// Those whose moment has come wait for a slot from now on, unless they need none.
    fn wake_staged(&mut self, now: Timestamp, outcome: &Arc<Outcome>, starts: &mut Starts) {
        while self.is_starting(starts)
            && let Some(assignment) = self.staged.next(now)
        {
            let Some(known) = self.known.get_mut(&assignment.run) else { continue };
            if !is_staged(Some(&*known), &assignment) {
                continue;
            }
            self.staged_count -= 1;
            let is_late = assignment.start_by.is_some_and(|start_by| now > start_by);
            if has_effect(&assignment) || is_late {
                *known = Known::Queued(Arc::clone(&assignment));
                self.queue.push(assignment);
                continue;
            }
            let ended = Ended { run: assignment.run, job: assignment.job.id, outcome: Arc::clone(outcome) };
            *known = Known::Ended(ended.clone());
            starts.instant.push(ended);
        }
    }

    fn end_at_once(&mut self, assignment: &Assignment, outcome: &Arc<Outcome>) -> Ended {
        let ended = Ended { run: assignment.run, job: assignment.job.id, outcome: Arc::clone(outcome) };
        self.known.insert(assignment.run, Known::Ended(ended.clone()));
        ended
    }

    fn is_at_its_limit(&self, job: JobId, limit: Option<u32>) -> bool {
        let limit = limit.unwrap_or(u32::MAX);
        self.per_job.get(&job).is_some_and(|running| *running >= limit)
    }

    /// Gives it a slot.
    fn begin(&mut self, assignment: Arc<Assignment>, starts: &mut Starts) {
        self.executing += 1;
        *self.per_job.entry(assignment.job.id).or_default() += 1;
        let run = assignment.run;
        if assignment.on_leave {
            self.known.insert(run, Known::Ready { assignment: Arc::clone(&assignment), may_begin: false });
            return starts.ready.push(assignment);
        }
        self.known.insert(run, Known::Executing { assignment: Arc::clone(&assignment), started_at: None });
        starts.start.push(assignment);
    }
}
