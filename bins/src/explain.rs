//! What a rule means, in words and in its next due moments: the answer of `cron explain`, of `job next` and of the
//! REST preview.

use cronbus_core::job::Job;
use cronbus_core::schedule::{Dialect, Dst, Error, Kind, Moved, Schedule, Settings, preview};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many due moments are shown unless more are asked for.
pub(crate) const USUAL_COUNT: usize = 5;

/// How many due moments may be asked for.
pub(crate) const LARGEST_COUNT: usize = 1000;

/// What is asked of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The rule.
    pub(crate) expression: String,
    /// The IANA zone it is written in.
    pub(crate) timezone: String,
    /// How its weekdays are numbered.
    pub(crate) dialect: Dialect,
    /// The answers to clock changes.
    pub(crate) dst: Dst,
    /// The job's name, from which `H` picks its values.
    pub(crate) name: String,
    /// Where `@every` counts from.
    pub(crate) anchor: Timestamp,
    /// Due moments strictly after this instant are shown.
    pub(crate) from: Timestamp,
    /// How many of them.
    pub(crate) count: usize,
}

impl Question {
    /// A question about a job's own rule; absent when it has none.
    pub(crate) fn about(job: &Job, from: Timestamp, count: usize) -> Option<Self> {
        let definition = &job.definition;
        Some(Self {
            expression: definition.schedule.clone()?,
            timezone: definition.timezone.clone(),
            dialect: definition.dialect,
            dst: definition.dst,
            name: definition.name.to_string(),
            anchor: job.anchor,
            from,
            count,
        })
    }

    /// Reads the rule.
    ///
    /// # Errors
    /// When the rule or the zone cannot be used.
    pub(crate) fn schedule(&self) -> Result<Schedule, Error> {
        let settings = Settings {
            dialect: self.dialect,
            timezone: &self.timezone,
            dst: self.dst,
            anchor: self.anchor,
            name: &self.name,
        };
        Schedule::parse(&self.expression, &settings)
    }
}

/// A rule explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Explanation {
    /// The rule as it was given.
    pub(crate) expression: String,
    /// The zone it is read in.
    pub(crate) timezone: String,
    /// The rule in English.
    pub(crate) description: String,
    /// The next due moments, RFC 3339 with the offset of the zone, in order.
    pub(crate) next: Vec<String>,
    /// Those of them that a clock change touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) moved: Vec<MovedFire>,
}

/// A due moment that a clock change touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MovedFire {
    /// As it stands in `next`.
    pub(crate) at: String,
    /// What happens to it.
    #[schema(value_type = String, example = "after_gap")]
    pub(crate) how: Moved,
}

/// Explains a rule.
///
/// # Errors
/// When the rule or the zone cannot be used.
pub(crate) fn explain(question: &Question) -> Result<Explanation, Error> {
    let schedule = question.schedule()?;
    let fires = preview(&schedule, question.from, question.count);
    let moved = fires.iter().filter_map(|fire| Some(MovedFire { at: fire.local.clone(), how: fire.moved? }));
    Ok(Explanation {
        expression: question.expression.clone(),
        timezone: schedule.timezone().to_owned(),
        description: schedule.describe(),
        moved: moved.collect(),
        next: fires.into_iter().map(|fire| fire.local).collect(),
    })
}

/// When a job is due next; absent when it is paused, disabled, out of its validity, or due by no clock.
pub(crate) fn next_fire(job: &Job, now: Timestamp) -> Option<Timestamp> {
    let definition = &job.definition;
    let enabled = definition.enabled && !job.deleted;
    let paused_until = job.pause.as_ref().filter(|pause| pause.holds(now)).map(|pause| pause.until);
    let from = match (enabled, paused_until) {
        (false, _) | (true, Some(None)) => return None,
        (true, Some(Some(until))) => now.max(until),
        (true, None) => now,
    };
    let not_before = definition.valid_from.map_or(from, |valid| from.max(just_before(valid)));
    let schedule = Question::about(job, not_before, 1)?.schedule().ok()?;
    if schedule.kind() == Kind::Reboot {
        return None;
    }
    let fire = schedule.next_after(not_before)?;
    definition.valid_until.is_none_or(|until| fire.at < until).then_some(fire.at)
}

fn just_before(at: Timestamp) -> Timestamp {
    at - std::time::Duration::from_millis(1)
}

/// What a clock change does to a due moment, for people.
pub(crate) const fn words(moved: Moved) -> &'static str {
    match moved {
        Moved::AfterGap => "right after a clock change that skips its moment",
        Moved::Shifted => "as much later as the clock is moved",
        Moved::FirstOfFold => "the first of two times the clock shows this",
        Moved::SecondOfFold => "the second of two times the clock shows this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::id::JobId;
    use cronbus_core::job::{Command, Definition, JobName, Pause};
    use std::sync::Arc;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(change: impl FnOnce(&mut Definition)) -> Job {
        let mut definition = Definition::new(JobName::new("a").unwrap(), Command::Noop);
        definition.schedule = Some("0 3 * * *".to_owned());
        change(&mut definition);
        Job::added(JobId(1), Arc::new(definition), "ann", Timestamp::EPOCH)
    }

    #[test]
    fn an_explanation_marks_what_a_clock_change_moves() {
        let mut job = job(|definition| definition.timezone = "Europe/Berlin".to_owned());
        Arc::make_mut(&mut job.definition).schedule = Some("30 2 * * *".to_owned());
        let question = Question::about(&job, at("2026-03-28T12:00:00Z"), 2).unwrap();
        let explained = explain(&question).unwrap();
        assert_eq!(explained.next, ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]);
        assert_eq!(explained.moved, [MovedFire { at: explained.next[0].clone(), how: Moved::AfterGap }]);
    }

    #[test]
    fn the_next_fire_respects_validity_and_pause() {
        let now = at("2026-01-01T00:00:00Z");
        assert_eq!(next_fire(&job(|_| ()), now), Some(at("2026-01-01T03:00:00Z")));
        assert_eq!(next_fire(&job(|d| d.enabled = false), now), None);
        assert_eq!(next_fire(&job(|d| d.valid_until = Some(at("2026-01-01T03:00:00Z"))), now), None);
        let exactly = at("2026-02-01T03:00:00Z");
        assert_eq!(next_fire(&job(|d| d.valid_from = Some(exactly)), now), Some(exactly));

        let mut paused = job(|_| ());
        let mut pause = Pause { since: now, until: None, note: String::new(), by: "ann".to_owned() };
        paused.pause = Some(pause.clone());
        assert_eq!(next_fire(&paused, now), None);
        pause.until = Some(at("2026-01-05T12:00:00Z"));
        paused.pause = Some(pause);
        assert_eq!(next_fire(&paused, now), Some(at("2026-01-06T03:00:00Z")));
    }
}
