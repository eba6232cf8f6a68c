//! The slots of one job that nobody was there for, each with its answer.
//!
//! A rule that fires every second makes 86,400 slots in a day of absence. Each gets a row up to `rows_limit`; what is
//! beyond it is told in the last row before the cut, so that nothing disappears and nothing floods the store.

use std::collections::VecDeque;
use std::time::Duration;

use crate::id::Slot;
use crate::job::Job;
use crate::policy::misfire::{self, Reason};
use crate::run::{Answer, Event, Run, Verdict};
use crate::schedule::Schedule;
use crate::time::Timestamp;

use super::entry::{self, TICK};

/// How many slots are counted within the misfire window at the most, so that the search is bounded. Rules are due at
/// most once a second: where there are more slots, so many seconds before the cutoff hold no more than these.
const COUNTED: usize = 1_000_000;

/// The rows for the job's slots after `from`, up to and including `cutoff`.
pub(super) fn rows(job: &Job, from: Timestamp, cutoff: Timestamp, now: Timestamp, rows_limit: usize) -> Vec<Run> {
    let Some(Ok(schedule)) = entry::compile(job) else { return Vec::new() };
    let window_start = now - job.definition.misfire.window.duration();
    // A slot exactly at the start of the window is within it.
    let mut within = from.max(window_start - TICK).min(cutoff);
    if schedule.fires(within).take_while(|fire| fire.at <= cutoff).nth(COUNTED).is_some() {
        within = cutoff - Duration::from_secs(COUNTED as u64);
    }
    let mut rows = too_old(job, &schedule, from, within, now, rows_limit);
    rows.extend(within_window(job, &schedule, within, cutoff, now, rows_limit));
    rows
}

/// Slots after `from`, up to and including `until`, before those that are counted: all of them missed.
fn too_old(
    job: &Job,
    schedule: &Schedule,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Vec<Run> {
    let slots = || schedule.fires(from).map(|fire| fire.at).take_while(|at| *at <= until && !entry::is_over(job, *at));
    let reason = |due| match misfire::answer(&job.definition.misfire, due, u64::MAX, now) {
        misfire::Answer::Miss(reason) => reason,
        misfire::Answer::Run => Reason::Max,
    };
    let mut rows: Vec<Run> =
        slots().take(limit.max(1)).map(|due| missed(job, due, now, reason(due).as_str())).collect();
    if slots().nth(limit.max(1)).is_some()
        && let Some(last) = rows.last_mut()
    {
        add_reason(last, &format!("all further slots up to {until} were missed too and have no rows"));
    }
    rows
}

/// Slots after `from`, up to and including `cutoff`: the policy answers.
fn within_window(
    job: &Job,
    schedule: &Schedule,
    from: Timestamp,
    cutoff: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Vec<Run> {
    let mut slots: VecDeque<Timestamp> = VecDeque::new();
    let mut left_out = 0_u64;
    let due = schedule.fires(from).map(|fire| fire.at);
    for at in due.take_while(|at| *at <= cutoff && !entry::is_over(job, *at)) {
        if slots.len() >= limit.max(1) {
            slots.pop_front();
            left_out += 1;
        }
        slots.push_back(at);
    }
    let total = slots.len();
    let mut rows: Vec<Run> =
        slots.into_iter().enumerate().map(|(index, due)| answered(job, due, (total - 1 - index) as u64, now)).collect();
    if left_out > 0
        && let Some(first) = rows.first_mut()
    {
        add_reason(first, &format!("{left_out} earlier slots after {from} were missed too and have no rows"));
    }
    rows
}

fn add_reason(run: &mut Run, reason: &str) {
    let separator = if run.reason.is_empty() { "" } else { "; " };
    run.reason = format!("{}{separator}{reason}", run.reason);
}

fn answered(job: &Job, due: Timestamp, newer: u64, now: Timestamp) -> Run {
    match misfire::answer(&job.definition.misfire, due, newer, now) {
        misfire::Answer::Run => waiting(job, due, now),
        misfire::Answer::Miss(reason) => missed(job, due, now, reason.as_str()),
    }
}

fn missed(job: &Job, due: Timestamp, now: Timestamp, reason: &str) -> Run {
    let mut run = waiting(job, due, now);
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
