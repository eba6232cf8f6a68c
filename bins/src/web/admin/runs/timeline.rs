//! The life of a run as steps: when each was, and how long after the one before.

use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use crate::web::admin::parts::{When, kind, span, state_word};
use crate::web::admin::words::Language;

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) class: &'static str,
    pub(super) label: String,
    pub(super) at: Option<When>,
    pub(super) delay: String,
}

/// The steps that a run has made, and the one that it is at.
pub(super) fn steps(run: &Run, zone: &str, now: Timestamp, language: Language) -> Vec<Step> {
    let when = |at| Some(When::in_zone(at, zone));
    let step = |label: String, at, delay| Step { class: "", label, at: when(at), delay };
    let mut steps = vec![step(language.say("step-due"), run.due_at, String::new())];
    steps.push(step(language.say("step-created"), run.created_at, after_due(run, language)));
    if run.not_before > run.due_at {
        let wait = span(run.not_before.millis_since(run.due_at));
        steps.push(step(
            language.say("step-not-before"),
            run.not_before,
            language.say_with("delay-later", [("time", &wait)]),
        ));
    }
    if let Some(started) = run.started_at {
        let late = span(started.millis_since(run.not_before).max(0));
        steps.push(step(language.say("step-started"), started, language.say_with("delay-later", [("time", &late)])));
    }
    steps.push(last(run, zone, now, language));
    steps
}

/// Rows are made ahead of their moment, or after it.
fn after_due(run: &Run, language: Language) -> String {
    let millis = run.created_at.millis_since(run.due_at);
    let (key, time) = if millis < 0 { ("delay-ahead", -millis) } else { ("delay-later", millis) };
    language.say_with(key, [("time", &span(time))])
}

fn last(run: &Run, zone: &str, now: Timestamp, language: Language) -> Step {
    let class = match kind(run.state) {
        "good" => "is-good",
        "bad" => "is-bad",
        _ => "",
    };
    let label = state_word(run.state, language);
    match (run.ended_at, run.started_at) {
        (Some(at), Some(started)) => {
            let took = language.say_with("delay-took", [("time", &span(at.millis_since(started)))]);
            Step { class, label, at: Some(When::in_zone(at, zone)), delay: took }
        }
        (Some(at), None) => Step { class, label, at: Some(When::in_zone(at, zone)), delay: String::new() },
        (None, started) => {
            let since = started.unwrap_or(run.not_before);
            let waits = now.millis_since(since).max(0);
            let key = if run.state == State::Running { "delay-so-far" } else { "delay-waiting" };
            Step { class, label, at: None, delay: language.say_with(key, [("time", &span(waits))]) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::{JobId, Revision, RunId};

    #[test]
    fn a_run_that_was_made_ahead_tells_each_delay() {
        let at = Timestamp::from_millis;
        let run = Run {
            state: State::Failed,
            started_at: Some(at(10_120)),
            ended_at: Some(at(13_120)),
            ..Run::new(RunId::floor(at(10_000)), JobId(1), Revision(1), at(10_000), at(8_000))
        };
        let steps = steps(&run, "UTC", at(20_000), Language::English);
        let told: Vec<_> = steps.iter().map(|step| (step.label.as_str(), step.delay.as_str())).collect();
        assert_eq!(
            told,
            [("Due", ""), ("Created", "2.0 s ahead"), ("Started", "120 ms later"), ("Failed", "took 3.0 s")]
        );
        assert_eq!(steps[3].class, "is-bad");
    }

    #[test]
    fn one_that_waits_says_how_long() {
        let at = Timestamp::from_millis;
        let run = Run::new(RunId::floor(at(0)), JobId(1), Revision(1), at(0), at(5));
        let steps = steps(&run, "UTC", at(7_000), Language::English);
        assert_eq!((steps.len(), steps[2].delay.as_str()), (3, "for 7.0 s"));
    }
}
