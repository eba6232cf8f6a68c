//! The slots of one job that nobody was there for, each with its answer.
//!
//! A rule that fires every second makes 86,400 slots in a day of absence. The first and the last of them get rows, up to
//! `rows_limit` each; one more row stands for what lies between, so that nothing disappears and nothing floods the store.

use std::collections::VecDeque;
use std::time::Duration;

use crate::id::{RunId, Slot};
use crate::job::{Job, MisfirePolicy};
use crate::policy::misfire::{self, Reason};
use crate::run::{Answer, Event, Run, Verdict};
use crate::schedule::Schedule;
use crate::time::Timestamp;

use super::entry::{self, TICK};

/// How many slots are counted within the misfire window at the most, so that the search is bounded. Rules are due at
/// most once a second: where there are more slots, so many seconds before the cutoff hold no more than these.
const COUNTED: usize = 1_000_000;

/// Slots of a job that were missed: those after `after`, up to and including `until`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missed<'j> {
    /// The job as it was when they were due.
    pub(super) job: &'j Job,
    pub(super) after: Timestamp,
    pub(super) until: Timestamp,
    pub(super) now: Timestamp,
    /// How many rows the first and the last of them get at the most, each.
    pub(super) rows_limit: usize,
    /// How many later slots were missed under what the job became.
    pub(super) newer: u64,
    /// Why none of them may run, whatever the policy says.
    pub(super) barred: Option<&'static str>,
}

impl Missed<'_> {
    /// Their rows.
    pub(super) fn rows(&self) -> Vec<Run> {
        let Some(Ok(schedule)) = entry::compile(self.job) else { return Vec::new() };
        let within = self.within(&schedule);
        let (mut rows, first_without) = self.too_old(&schedule, within);
        let (newest, first_left_out) = self.newest(&schedule, within);
        if let Some(first) = first_without.or(first_left_out) {
            let before = newest.first().map_or(self.until + TICK, |run| run.due_at);
            rows.push(self.summary(first, before));
        }
        rows.extend(newest);
        rows
    }

    /// The instant after which slots are counted and the policy is asked about each; those before are missed.
    fn within(&self, schedule: &Schedule) -> Timestamp {
        let window_start = self.now - self.job.definition.misfire.window.duration();
        // A slot exactly at the start of the window is within it.
        let within = self.after.max(window_start - TICK).min(self.until);
        if schedule.fires(within).take_while(|fire| fire.at <= self.until).nth(COUNTED).is_some() {
            return self.until - Duration::from_secs(COUNTED as u64);
        }
        within
    }

    fn slots<'s>(
        &'s self,
        schedule: &'s Schedule,
        after: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Timestamp> + 's {
        let due = schedule.fires(after).map(|fire| fire.at);
        due.take_while(move |at| *at <= until && !entry::is_over(self.job, *at))
    }

    /// Those before `until`, all of them missed, and the first that has no row.
    fn too_old(&self, schedule: &Schedule, until: Timestamp) -> (Vec<Run>, Option<Timestamp>) {
        let mut slots = self.slots(schedule, self.after, until);
        let rows = slots.by_ref().take(self.rows_limit.max(1)).map(|due| self.missed(due, self.too_old_because(due)));
        (rows.collect(), slots.next())
    }

    fn too_old_because(&self, due: Timestamp) -> &'static str {
        match misfire::answer(&self.job.definition.misfire, due, u64::MAX, self.now) {
            misfire::Answer::Miss(reason) => reason.as_str(),
            misfire::Answer::Run => Reason::Max.as_str(),
        }
    }

    /// The last of those after `after`, each as the policy says, and the first that has no row.
    fn newest(&self, schedule: &Schedule, after: Timestamp) -> (Vec<Run>, Option<Timestamp>) {
        let mut newest: VecDeque<Timestamp> = VecDeque::new();
        let mut first_left_out = None;
        for at in self.slots(schedule, after, self.until) {
            if newest.len() >= self.rows_limit.max(1) {
                first_left_out = first_left_out.or(newest.pop_front());
            }
            newest.push_back(at);
        }
        let newer = (0..newest.len() as u64).rev().map(|newer| newer.saturating_add(self.newer));
        (newest.iter().zip(newer).map(|(due, newer)| self.answered(*due, newer)).collect(), first_left_out)
    }

    fn answered(&self, due: Timestamp, newer: u64) -> Run {
        match (misfire::answer(&self.job.definition.misfire, due, newer, self.now), self.barred) {
            (misfire::Answer::Run | misfire::Answer::Miss(Reason::Newer | Reason::Max), Some(why)) => {
                self.missed(due, why)
            }
            (misfire::Answer::Run, None) => waiting(self.job, due, self.now),
            (misfire::Answer::Miss(reason), _) => self.missed(due, reason.as_str()),
        }
    }

    pub(super) fn missed(&self, due: Timestamp, reason: &str) -> Run {
        missed(waiting(self.job, due, self.now), self.now, reason)
    }

    /// The row that stands for all slots from `first` to before `before`. Its id is its own: whatever row there may be of
    /// one of these slots, the telling is not lost.
    fn summary(&self, first: Timestamp, before: Timestamp) -> Run {
        let id = RunId::summary(first, self.job.id, before);
        let reason = format!(
            "stands for all slots from {first} to before {before}: they were missed, and are too many to have rows of \
             their own (scheduler.missed_rows_per_job)"
        );
        missed(Run { id, ..waiting(self.job, first, self.now) }, self.now, &reason)
    }
}

fn missed(mut run: Run, now: Timestamp, reason: &str) -> Run {
    let answer = Answer { verdict: Verdict::Missed, at: now, reason: reason.to_owned() };
    let applied = run.apply(Event::Answer(answer));
    debug_assert!(applied.is_ok(), "a new row can be answered");
    run
}

/// The row of a slot that waits for its moment.
pub(super) fn waiting(job: &Job, due: Timestamp, now: Timestamp) -> Run {
    let slot = Slot::new(job.id, due);
    Run::new(slot.run_id(crate::id::Attempt::FIRST), job.id, job.revision, due, now)
}

/// How many slots of the job there are after `after`, up to and including `until`; counted no further than its misfire
/// policy looks.
pub(crate) fn count_after(job: &Job, after: Timestamp, until: Timestamp) -> u64 {
    let rule = &job.definition.misfire;
    let enough = match rule.policy {
        MisfirePolicy::Skip => 0,
        MisfirePolicy::Latest => 1,
        MisfirePolicy::All => rule.max as usize,
    };
    let Some(Ok(schedule)) = entry::compile(job) else { return 0 };
    let due = schedule.fires(after).take_while(|fire| fire.at <= until && !entry::is_over(job, fire.at));
    due.take(enough.min(COUNTED)).count() as u64
}
