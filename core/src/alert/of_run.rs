//! What a run that is over is a sign of. Costs nothing for a success unless a rule asks when runs start.

use super::event::{Event, JobFacts, Subject};
use super::kind::EventKind;
use super::rule::Rules;
use crate::job::Job;
use crate::run::{Run, State};

/// What people may want to be told of a run whose last attempt is over; empty when nobody could want to hear of it.
#[must_use]
pub fn of_run(rules: &Rules, job: &Job, run: &Run) -> Vec<Event> {
    let ending = ending(run);
    if ending.is_none() && !rules.are_about(EventKind::LateStart) {
        return Vec::new();
    }
    let facts = JobFacts::of(job);
    let late = late(rules, &facts, run);
    let subject = Subject::Job(facts);
    let ended = ending.filter(|kind| rules.want(*kind, &subject)).map(|kind| {
        let event = Event::of_run(kind, subject.clone(), run.ended_at.unwrap_or(run.due_at), run.id);
        Event { exit_code: run.exit_code, ..of(event, run) }
    });
    late.into_iter().chain(ended).collect()
}

/// What its ending is a sign of, if it is not what its author wanted.
const fn ending(run: &Run) -> Option<EventKind> {
    match run.state {
        State::Failed => Some(EventKind::Failed),
        State::TimedOut => Some(EventKind::TimedOut),
        State::Killed => Some(EventKind::Killed),
        State::Lost => Some(EventKind::Lost),
        State::Missed => Some(EventKind::Missed),
        State::Rejected => Some(EventKind::Rejected),
        State::Skipped if !run.healthy => Some(EventKind::SkippedByOverlap),
        State::Created | State::Assigned | State::Running | State::Succeeded | State::Skipped => None,
    }
}

/// That it started late.
fn late(rules: &Rules, job: &JobFacts, run: &Run) -> Option<Event> {
    let limit = run.started_at.and_then(|_| rules.late_after(job))?;
    let started_at = run.started_at.filter(|at| *at > run.not_before + limit)?;
    let event = Event::of_run(EventKind::LateStart, Subject::Job(job.clone()), run.not_before + limit, run.id);
    let reason = format!("it started {} after its moment", span(started_at.since(run.not_before)));
    Some(Event { node: run.node.clone(), attempt: Some(run.attempt.0), ..event.because(&reason) })
}

pub(super) fn of(event: Event, run: &Run) -> Event {
    Event { node: run.node.clone(), attempt: Some(run.attempt.0), ..event.because(&run.reason) }
}

/// A span of time for people.
pub(super) fn span(duration: std::time::Duration) -> crate::duration::Period {
    // What is below a second does not matter where it is more than that.
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    crate::duration::Period::from_millis(if millis >= 1_000 { millis / 1_000 * 1_000 } else { millis })
}
