//! When a job's slots begin, and the rule it has in the timeline.

use std::time::Duration;

use crate::duration::Period;
use crate::job::Job;
use crate::schedule::{self, Schedule};
use crate::time::Timestamp;
use crate::timeline;

/// How long before a watermark a job may have been changed without the watermark's owner having known of it. Planning
/// such a job from its change on again is harmless: the rows that exist stay as they are.
pub(super) const UNSEEN: Duration = Duration::from_secs(60);

/// A millisecond: due instants are strictly after the instant a search starts from.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// A rule in the timeline. A rule that cannot be read any more (a zone that was removed) is never due.
#[derive(Debug)]
pub(super) struct Compiled(Option<Schedule>);

impl Compiled {
    pub(super) fn of(job: &Job) -> Self {
        Self(compile(job).and_then(Result::ok))
    }
}

impl timeline::Rule for Compiled {
    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.0.as_ref()?.next_after(after).map(|fire| fire.at)
    }
}

/// The job's rule, if it has one.
pub(crate) fn compile(job: &Job) -> Option<Result<Schedule, schedule::Error>> {
    let definition = &job.definition;
    let settings = schedule::Settings {
        dialect: definition.dialect,
        timezone: &definition.timezone,
        dst: definition.dst,
        anchor: job.anchor,
        name: definition.name.as_str(),
    };
    definition.schedule.as_deref().map(|expression| Schedule::parse(expression, &settings))
}

/// Whether the job is due when a node starts, not by the calendar.
pub(super) fn is_reboot(job: &Job) -> bool {
    without_zone(expression(job)).eq_ignore_ascii_case("@reboot")
}

fn expression(job: &Job) -> &str {
    job.definition.schedule.as_deref().unwrap_or_default().trim()
}

/// The rule without the zone that may be written before it.
fn without_zone(expression: &str) -> &str {
    let zoned = expression.starts_with("CRON_TZ=") || expression.starts_with("TZ=");
    let rest = if zoned { expression.split_once(|c: char| c.is_ascii_whitespace()) } else { None };
    rest.map_or(expression, |(_, rest)| rest.trim_ascii_start())
}

/// Equal for jobs whose rules fire alike, in most cases without reading the rule: what only some rules depend on is in
/// the key of those only.
pub(super) fn interning_key(job: &Job) -> String {
    let definition = &job.definition;
    let text = expression(job);
    if text.contains('H')
        && let Some(Ok(schedule)) = compile(job)
    {
        return schedule.interning_key();
    }
    format!("{text}|{}|{:?}|{:?}|{}", definition.timezone, definition.dialect, definition.dst, phase(job))
}

/// Where within its period an `@every` job is due, in milliseconds; 0 for other rules.
fn phase(job: &Job) -> i64 {
    let words = without_zone(expression(job)).split_once(|c: char| c.is_ascii_whitespace());
    let period = words.filter(|(name, _)| name.eq_ignore_ascii_case("@every"));
    let period = period.and_then(|(_, period)| period.trim().parse::<Period>().ok());
    let period = period.map_or(0, |period| i64::try_from(period.millis()).unwrap_or(i64::MAX));
    job.anchor.millis().checked_rem_euclid(period).unwrap_or(0)
}

/// The instant after which the job's slots count, when all its slots up to `watermark` have been created by somebody
/// who knew the job. `None` when it makes none for now.
pub(crate) fn start_after(job: &Job, watermark: Timestamp) -> Option<Timestamp> {
    let definition = &job.definition;
    if job.deleted || !definition.enabled || definition.schedule.is_none() {
        return None;
    }
    // A pause that was given another end makes slots count that nobody knew would.
    let changed = job.pause.as_ref().map_or(job.effective_from, |pause| pause.since.max(job.effective_from));
    let known = if changed + UNSEEN >= watermark { job.effective_from.max(watermark - 2 * UNSEEN) } else { watermark };
    let valid = definition.valid_from.map_or(known, |from| known.max(from - TICK));
    match &job.pause {
        None => Some(valid),
        Some(pause) => pause.until.map(|until| valid.max(until - TICK)),
    }
}

/// Whether the job's validity has ended at `due`.
pub(super) fn is_over(job: &Job, due: Timestamp) -> bool {
    job.definition.valid_until.is_some_and(|until| due >= until)
}

/// Whether the job's rule has a slot after `after`, up to and including `until`. Starts of nodes are not asked for.
pub(crate) fn has_slot(job: &Job, after: Timestamp, until: Timestamp) -> bool {
    let next = compile(job).and_then(Result::ok).and_then(|schedule| schedule.next_after(after));
    next.is_some_and(|fire| fire.at <= until && !is_over(job, fire.at))
}

/// Whether the job as it is now has a slot at `due`.
pub(crate) fn fires_at(job: &Job, due: Timestamp) -> bool {
    if is_over(job, due) || job.definition.valid_from.is_some_and(|from| due < from) {
        return false;
    }
    let fires = |schedule: Schedule| schedule.next_after(due - TICK).is_some_and(|fire| fire.at == due);
    is_reboot(job) || compile(job).and_then(Result::ok).is_some_and(fires)
}
