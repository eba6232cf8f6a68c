//! What a run that is not over is a sign of: it should have started, or takes too long. Whoever looks again finds the
//! same events, since they happened when the limit was reached and not when somebody looked.

use std::time::Duration;

use super::event::{Event, JobFacts, Subject};
use super::kind::EventKind;
use super::of_run::{of, span};
use super::rule::Rules;
use crate::run::{Run, State};
use crate::time::Timestamp;

/// That a run has not started although its moment is past for too long, or that it takes too long. `p95` is how long
/// nearly all runs of its job take, if that is known.
#[must_use]
pub fn of_unfinished(rules: &Rules, job: &JobFacts, run: &Run, p95: Option<Duration>, now: Timestamp) -> Option<Event> {
    let (kind, since, limit) = match (run.state, run.started_at) {
        (State::Created | State::Assigned, _) => (EventKind::LateStart, run.not_before, rules.late_after(job)?),
        (State::Running, Some(at)) => (EventKind::RunningLong, at, rules.running_longer_than(job, p95)?),
        _ => return None,
    };
    let at = since + limit;
    if now <= at {
        return None;
    }
    let event = of(Event::of_run(kind, Subject::Job(job.clone()), at, run.id), run);
    let reason = match kind {
        EventKind::LateStart => format!("it has not started {} after its moment", span(limit)),
        _ => format!("it runs for longer than {}", span(limit)),
    };
    Some(event.because(&reason))
}

/// That a job has not succeeded for too long: its last success, or what stands for it, was at `since`.
#[must_use]
pub fn of_no_success(rules: &Rules, job: &JobFacts, since: Timestamp, now: Timestamp) -> Option<Event> {
    let limit = rules.no_success_for(job)?;
    let at = since + limit;
    if now <= at {
        return None;
    }
    let event = Event::new(EventKind::NoSuccess, Subject::Job(job.clone()), at);
    Some(event.because(&format!("it has not succeeded for {}", span(limit))))
}
