//! Rows that were made ahead of their moment by somebody who was not there any more when it came.
//!
//! How far a partition's slots had been created when it was lent says when its last dispatcher was there: it planned up
//! to `lookahead` before that. What came due since then and is found not begun was missed like a slot without a row, and
//! the same policy answers. What came due before had a reason to wait, and goes on waiting.

use crate::id::RunId;
use crate::job::Job;
use crate::planner;
use crate::policy::misfire::{self, Answer};
use crate::run::Trigger;
use crate::time::Timestamp;

use super::machine::{Dispatch, Settings};

/// Nobody was there for a partition: after `since`, and until it was lent to this dispatcher.
#[derive(Clone, Copy, Debug)]
pub(super) struct Absence {
    since: Timestamp,
    until: Timestamp,
}

impl Absence {
    /// Of a partition whose slots had been created up to `reached` when it was lent at `now`; `None` when somebody was
    /// there until just before, or never.
    pub(super) fn before(now: Timestamp, reached: Timestamp, settings: &Settings) -> Option<Self> {
        let absent = reached > Timestamp::EPOCH && reached + settings.misfire_after < now;
        absent.then(|| Self { since: reached - settings.lookahead, until: now })
    }
}

impl Dispatch {
    /// Why a run whose moment has come does not run although it was made for that moment, if it came while nobody was
    /// there.
    pub(super) fn missed(&self, run: RunId, job: &Job, now: Timestamp) -> Option<&'static str> {
        let cutoff = self.missed_until(run)?;
        let run = &self.active.get(&run)?.run;
        let rule = &job.definition.misfire;
        match misfire::answer(rule, run.due_at, planner::count_after(job, run.due_at, cutoff), now) {
            Answer::Miss(reason) => Some(reason.as_str()),
            Answer::Run => planner::barred(Some(job), now),
        }
    }

    /// Up to when slots were missed, if the run was made for a moment among them.
    pub(super) fn missed_until(&self, run: RunId) -> Option<Timestamp> {
        let run = &self.active.get(&run)?.run;
        let Absence { since, until } = self.lent.absence(run.job.partition())?;
        let cutoff = until - self.settings.misfire_after;
        let fell_in = run.created_at < until && since < run.due_at && run.due_at < cutoff;
        (run.trigger == Trigger::Schedule && fell_in).then_some(cutoff)
    }
}
