//! The slots of one job that nobody was there for, each with its answer.
//!
//! A rule that fires every second makes 86,400 slots in a day of absence. Each gets a row up to `rows_limit`; what is
//! beyond it is told in the last row before the cut, so that nothing disappears and nothing floods the store.

use std::collections::VecDeque;

use crate::id::Slot;
use crate::job::Job;
use crate::policy::misfire::{self, Reason};
use crate::run::{Answer, Event, Run, Verdict};
use crate::schedule::Schedule;
use crate::time::Timestamp;

use super::entry;

/// How many slots are counted within the misfire window at the most. More than that are never run one by one.
const COUNTED: usize = 1_000_000;

/// The rows for the job's slots after `from`, up to and including `cutoff`.
pub(super) fn rows(job: &Job, from: Timestamp, cutoff: Timestamp, now: Timestamp, rows_limit: usize) -> Vec<Run> {
    let Some(Ok(schedule)) = entry::compile(job) else { return Vec::new() };
    let window_start = (now - job.definition.misfire.window.duration()).max(from);
    let mut rows = too_old(job, &schedule, from, window_start.min(cutoff), now, rows_limit);
    rows.extend(within_window(job, &schedule, window_start, cutoff, now, rows_limit));
    rows
}

/// Slots before the window: all of them missed.
fn too_old(
    job: &Job,
    schedule: &Schedule,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Vec<Run> {
    let slots = || schedule.fires(from).map(|fire| fire.at).take_while(|at| *at < until && !entry::is_over(job, *at));
    let mut rows: Vec<Run> = slots().take(limit).map(|due| missed(job, due, now, Reason::Window.as_str())).collect();
    if slots().nth(limit).is_some()
        && let Some(last) = rows.last_mut()
    {
        last.reason = format!("{}; so are all further slots before {until}, which have no rows", last.reason);
    }
    rows
}

/// Slots within the window: the policy answers.
fn within_window(
    job: &Job,
    schedule: &Schedule,
    from: Timestamp,
    cutoff: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Vec<Run> {
    // A slot exactly at the start of the window is within it.
    let just_before = from - std::time::Duration::from_millis(1);
    let mut slots: VecDeque<Timestamp> = VecDeque::new();
    let mut left_out = 0_u64;
    let due = schedule.fires(just_before).map(|fire| fire.at);
    for at in due.take_while(|at| *at <= cutoff && !entry::is_over(job, *at)).take(COUNTED) {
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
        first.reason =
            format!("{}; {left_out} earlier slots since {from} were missed too and have no rows", first.reason);
    }
    rows
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
