//! When gocron would fire: the rules of the library it was built on (robfig/cron, version 3, its standard parser), for
//! comparing. <https://pkg.go.dev/github.com/robfig/cron/v3>
//!
//! They differ from cron's: a step makes a `*` in a day field a restriction, `N/S` runs to the end of the field, Sunday
//! is 0 only, what falls into the hour that clocks skip is not run, and what falls into the hour that they repeat is run
//! twice.

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// gocron looks this far for the next moment.
const YEARS: i16 = 5;

/// More looks than five years of days and a few days of minutes need.
const MAX_LOOKS: usize = 40_000;

/// gocron would not take the rule, or this cannot tell when it fires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It would refuse it.
    #[error("gocron cannot read `{0}`")]
    Refused(String),
    /// `@every` counts from when gocron was started, which nobody knows.
    #[error("gocron counts @every from its own start")]
    FromStart,
    /// There is no such zone.
    #[error("`{0}` is not an IANA time zone")]
    Zone(String),
}

/// A rule as gocron reads it.
#[derive(Clone, Debug)]
pub struct Reading {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    either_day: bool,
    zone: TimeZone,
}

impl Reading {
    /// Reads a rule; `timezone` is the one of gocron's machine, unless the rule names another.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(rule: &str, timezone: &str) -> Result<Self, Unreadable> {
        let refused = || Unreadable::Refused(rule.chars().take(100).collect());
        let (named, rest) = zone_prefix(rule.trim());
        let timezone = named.unwrap_or(timezone);
        let zone = TimeZone::get(timezone).map_err(|_| Unreadable::Zone(timezone.chars().take(64).collect()))?;
        let rest = match rest {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            every if every.starts_with("@every ") => return Err(Unreadable::FromStart),
            fields => fields,
        };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.try_into().map_err(|_| refused())?;
        let read = |text: &str, range: &Range| field(text, range).ok_or_else(refused);
        let (days, any_day) = read(days, &Range { first: 1, last: 31, names: &[] })?;
        let (weekdays, any_weekday) = read(weekdays, &Range { first: 0, last: 6, names: &WEEKDAYS })?;
        Ok(Self {
            minutes: read(minutes, &Range { first: 0, last: 59, names: &[] })?.0,
            hours: read(hours, &Range { first: 0, last: 23, names: &[] })?.0,
            months: read(months, &Range { first: 1, last: 12, names: &MONTHS })?.0,
            days,
            weekdays,
            either_day: !any_day && !any_weekday,
            zone,
        })
    }

    /// The next moments after `after`, at most `count`; fewer when five years have no more.
    #[must_use]
    pub fn fires(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        let mut fires = Vec::with_capacity(count);
        // The first whole minute after it.
        let minute = after.seconds().div_euclid(60).saturating_add(1).saturating_mul(60);
        let start = jiff::Timestamp::from_second(minute).ok().map(|at| at.to_zoned(self.zone.clone()));
        let (Some(mut now), mut looks) = (start, 0) else { return fires };
        let last_year = now.year().saturating_add(YEARS);
        while fires.len() < count && now.year() <= last_year && looks < MAX_LOOKS {
            looks += 1;
            let fits_day = self.fits_day(&now);
            if fits_day && has(self.hours, now.hour()) && has(self.minutes, now.minute()) {
                fires.push(Timestamp::from_jiff(now.timestamp()));
            }
            let Some(next) = next_look(&now, fits_day) else { break };
            now = next;
        }
        fires
    }

    fn fits_day(&self, now: &Zoned) -> bool {
        let day = has(self.days, now.day());
        let weekday = has(self.weekdays, now.weekday().to_sunday_zero_offset());
        has(self.months, now.month()) && if self.either_day { day || weekday } else { day && weekday }
    }
}

/// A minute on in a day that fits, the next day otherwise.
fn next_look(now: &Zoned, fits_day: bool) -> Option<Zoned> {
    if fits_day {
        return now.checked_add(jiff::SignedDuration::from_mins(1)).ok();
    }
    now.date().tomorrow().ok()?.to_zoned(now.time_zone().clone()).ok()
}

/// `CRON_TZ=Zone ` or `TZ=Zone ` before the fields.
fn zone_prefix(rule: &str) -> (Option<&str>, &str) {
    let rest = rule.strip_prefix("CRON_TZ=").or_else(|| rule.strip_prefix("TZ="));
    match rest.and_then(|rest| rest.split_once(' ')) {
        Some((zone, fields)) => (Some(zone), fields.trim()),
        None => (None, rule),
    }
}

const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

struct Range {
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

impl Range {
    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().position(|name| *name == lower).and_then(|place| u32::try_from(place).ok());
        named.map(|place| place + self.first).or_else(|| text.parse().ok())
    }
}

fn has(set: u64, number: i8) -> bool {
    u32::try_from(number).is_ok_and(|number| set >> number & 1 == 1)
}

/// The numbers of a field, and whether it restricts nothing.
fn field(text: &str, range: &Range) -> Option<(u64, bool)> {
    let (mut set, mut any) = (0_u64, false);
    for part in text.split(',') {
        let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, Some(step)));
        let step: u32 = step.map_or(Some(1), |step| step.parse().ok().filter(|step| *step > 0))?;
        let is_star = matches!(span, "*" | "?");
        let (first, last) = match span.split_once('-') {
            _ if is_star => (range.first, range.last),
            Some((first, last)) => (range.number(first)?, range.number(last)?),
            None if part.contains('/') => (range.number(span)?, range.last),
            None => (range.number(span)?, range.number(span)?),
        };
        if first < range.first || last > range.last || first > last {
            return None;
        }
        any |= is_star && step == 1;
        for number in (first..=last).step_by(usize::try_from(step).ok()?) {
            set |= 1 << number;
        }
    }
    Some((set, any))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let after = Timestamp::from_jiff(after.parse().unwrap());
        let fires = Reading::parse(rule, zone).unwrap().fires(after, count);
        fires.into_iter().map(|at| at.to_string()).collect()
    }

    #[test]
    fn rules_mean_what_they_meant_in_gocron() {
        let at = "2026-03-01T00:00:00Z";
        for (rule, zone, after, expected) in [
            ("5/20 * * * *", "UTC", at, "2026-03-01T00:05:00.000Z 2026-03-01T00:25:00.000Z 2026-03-01T00:45:00.000Z"),
            // A step restricts: either day fits, where cron asks for both.
            ("0 0 */10 * 1", "UTC", at, "2026-03-02T00:00:00.000Z 2026-03-09T00:00:00.000Z 2026-03-11T00:00:00.000Z"),
            ("0 0 ? * sun", "UTC", at, "2026-03-08T00:00:00.000Z 2026-03-15T00:00:00.000Z 2026-03-22T00:00:00.000Z"),
            (
                "CRON_TZ=Asia/Shanghai 0 8 * * *",
                "UTC",
                at,
                "2026-03-02T00:00:00.000Z 2026-03-03T00:00:00.000Z 2026-03-04T00:00:00.000Z",
            ),
            // 2:30 does not exist on 8 March in New York, and exists twice on 1 November at 1:30.
            (
                "30 2 * * *",
                "America/New_York",
                "2026-03-07T08:00:00Z",
                "2026-03-09T06:30:00.000Z 2026-03-10T06:30:00.000Z 2026-03-11T06:30:00.000Z",
            ),
            (
                "30 1 * * *",
                "America/New_York",
                "2026-11-01T00:00:00Z",
                "2026-11-01T05:30:00.000Z 2026-11-01T06:30:00.000Z 2026-11-02T06:30:00.000Z",
            ),
        ] {
            assert_eq!(shown(rule, zone, after, 3).join(" "), expected, "{rule}");
        }
        assert!(shown("0 0 30 2 *", "UTC", at, 3).is_empty());
    }

    #[test]
    fn what_gocron_refused_is_refused() {
        for rule in ["", "* * * *", "* * * * 7", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "@every 5m"] {
            assert!(Reading::parse(rule, "UTC").is_err(), "{rule}");
        }
        assert_eq!(Reading::parse("* * * * *", "Mars/One").unwrap_err(), Unreadable::Zone("Mars/One".to_owned()));
    }
}
