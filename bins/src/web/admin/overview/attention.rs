//! What somebody should look at, the worst first. Pure.

use cronbus_core::port::operations::Health;
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::failing::Failing;
use crate::web::admin::link;
use crate::web::admin::parts::{Badge, When, span, state_word};
use crate::web::admin::words::Language;

/// A run waits too long when nobody has begun it this long after its moment, in milliseconds.
const TOO_LONG_MS: i64 = 60_000;

/// How many runs that wait are named.
const NAMED: usize = 5;

/// One thing to look at.
#[derive(Debug)]
pub(super) struct Matter {
    pub(super) badge: Badge,
    pub(super) text: String,
    pub(super) href: String,
    pub(super) detail: String,
    pub(super) at: Option<When>,
}

/// The parts of the node that are not well.
pub(super) fn ill(health: &Health, language: Language) -> Vec<Matter> {
    let ill = health.parts.iter().filter(|(_, part)| !part.ok);
    let matter = |name: &String, detail: &String, since: Option<Timestamp>| Matter {
        badge: Badge::named("failed", language.say("attention-away")),
        text: name.clone(),
        href: "/readyz".to_owned(),
        detail: detail.clone(),
        at: since.map(When::at),
    };
    ill.map(|(name, part)| matter(name, &part.detail, part.since)).collect()
}

/// The nodes that are gone.
pub(super) fn lost(nodes: &[(String, Timestamp)], language: Language) -> Vec<Matter> {
    let matter = |(name, at): &(String, Timestamp)| Matter {
        badge: Badge::named("lost", language.say("attention-gone")),
        text: name.clone(),
        href: "/nodes".to_owned(),
        detail: language.say("attention-gone-detail"),
        at: Some(When::at(*at)),
    };
    nodes.iter().map(matter).collect()
}

/// The jobs that fail.
pub(super) fn failing<'a>(jobs: impl Iterator<Item = &'a Failing>, language: Language) -> Vec<Matter> {
    let matter = |job: &Failing| Matter {
        badge: Badge::of(job.state, language),
        text: job.name.clone(),
        href: link::run(job.run),
        detail: language.say_count("attention-in-a-row", job.in_a_row as u64),
        at: Some(When::at(job.at)),
    };
    jobs.map(matter).collect()
}

/// The runs that wait too long, the oldest first.
pub(super) fn waiting<'a>(
    unfinished: impl IntoIterator<Item = &'a Run>,
    name: impl Fn(&Run) -> String,
    now: Timestamp,
    language: Language,
) -> Vec<Matter> {
    let too_long = unfinished.into_iter().filter(|run| waits_too_long(run, now));
    let matter = |run: &Run| Matter {
        badge: Badge::named("missed", state_word(run.state, language)),
        text: name(run),
        href: link::run(run.id),
        detail: language.say_with("delay-waiting", [("time", &span(now.millis_since(run.not_before)))]),
        at: Some(When::at(run.due_at)),
    };
    too_long.take(NAMED).map(matter).collect()
}

/// Whether nobody has begun a run long after it might.
pub(super) fn waits_too_long(run: &Run, now: Timestamp) -> bool {
    matches!(run.state, State::Created | State::Assigned) && now.millis_since(run.not_before) > TOO_LONG_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::{JobId, Revision, RunId};

    #[test]
    fn what_has_begun_or_was_put_off_does_not_wait() {
        let at = Timestamp::from_seconds;
        let run = Run::new(RunId::floor(at(0)), JobId(1), Revision(1), at(0), at(0));
        let running = Run { state: State::Running, ..run.clone() };
        let put_off = Run { not_before: at(90), ..run.clone() };
        let told = waiting([&run, &running, &put_off], |run| run.job.to_string(), at(100), Language::English);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].detail, "for 1 min 40 s");
    }
}
