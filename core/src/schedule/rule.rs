//! A cron rule as sets: what the fields mean, free of how they were written.
//!
//! Two rules with equal sets fire alike; the sets are also what a description is made from. How the next match is found
//! is in `civil`.

use super::days::{self, MonthDay, WeekDay};
use super::error::Error;
use super::fields::{self, FIRST_YEAR, HOUR, LAST_YEAR, List, MINUTE, MONTH, SECOND, YEAR};
use super::settings::Settings;
use super::spread::Spread;

/// Bits of a complete field.
pub(super) const EVERY_SECOND: u64 = (1 << 60) - 1;
pub(super) const EVERY_MINUTE: u64 = (1 << 60) - 1;
pub(super) const EVERY_HOUR: u64 = (1 << 24) - 1;
pub(super) const EVERY_MONTH_DAY: u64 = ((1 << 31) - 1) << 1;
pub(super) const EVERY_MONTH: u64 = ((1 << 12) - 1) << 1;
pub(super) const EVERY_WEEK_DAY: u64 = (1 << 7) - 1;

/// The sets; bit n of a mask stands for the value n (Sunday is 0, January 1, the first of a month 1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rule {
    pub(super) seconds: u64,
    pub(super) minutes: u64,
    pub(super) hours: u64,
    pub(super) months: u64,
    pub(super) days: Days,
    /// In rising order; absent when every year will do.
    pub(super) years: Option<Box<[u16]>>,
    /// Whether a `*` or a step stands in minute or hour.
    pub(super) recurring: bool,
    /// Whether a field has an `H`.
    pub(super) spread: bool,
}

/// Which days match.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Days {
    /// All of them.
    Every,
    /// By their number in the month.
    OfMonth(MonthDays),
    /// By their weekday.
    OfWeek(WeekDays),
    /// By one or the other.
    Either(MonthDays, WeekDays),
    /// By both.
    Both(MonthDays, WeekDays),
}

/// Days of the month.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MonthDays {
    pub(super) numbers: u64,
    pub(super) special: Box<[MonthDay]>,
}

/// Days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct WeekDays {
    pub(super) numbers: u64,
    pub(super) special: Box<[WeekDay]>,
}

impl Rule {
    /// From five, six or seven fields.
    pub(super) fn parse(text: &str, settings: &Settings<'_>) -> Result<Self, Error> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        match *fields.as_slice() {
            [minute, hour, day, month, weekday] => Self::read("0", [minute, hour, day, month, weekday], None, settings),
            [second, minute, hour, day, month, weekday] => {
                Self::read(second, [minute, hour, day, month, weekday], None, settings)
            }
            [second, minute, hour, day, month, weekday, year] => {
                Self::read(second, [minute, hour, day, month, weekday], Some(year), settings)
            }
            _ => Err(Error::FieldCount { text: text.to_owned(), found: fields.len() }),
        }
    }

    fn read(second: &str, five: [&str; 5], year: Option<&str>, settings: &Settings<'_>) -> Result<Self, Error> {
        let [minute, hour, day, month, weekday] = five;
        let spread = Spread::of_job(settings.name);
        let plain = |part, text| fields::parse(part, text, spread, fields::plain);
        let seconds = plain(&SECOND, second)?;
        let minutes = plain(&MINUTE, minute)?;
        let hours = plain(&HOUR, hour)?;
        let month_days = days::month_days(day, settings.dialect, spread)?;
        let months = plain(&MONTH, month)?;
        let week_days = days::week_days(weekday, settings.dialect, spread)?;
        let years = year.map(|year| plain(&YEAR, year)).transpose()?;
        let spread = [&seconds, &minutes, &hours, &months].iter().any(|list| list.spread)
            || month_days.list.spread
            || week_days.list.spread
            || years.as_ref().is_some_and(|years| years.spread);
        Ok(Self {
            seconds: seconds.values.mask(),
            minutes: minutes.values.mask(),
            hours: hours.values.mask(),
            months: months.values.mask(),
            days: meet(month_days, week_days),
            years: years.and_then(listed_years),
            recurring: minutes.recurring || hours.recurring,
            spread,
        })
    }

    /// Equal for rules with equal sets.
    pub(super) fn key(&self) -> String {
        let Self { seconds, minutes, hours, months, days, years, .. } = self;
        format!("{seconds:x} {minutes:x} {hours:x} {months:x} {days:?} {years:?}")
    }
}

fn listed_years(list: List<()>) -> Option<Box<[u16]>> {
    let years: Box<[u16]> = list.values.numbers().map(|year| FIRST_YEAR + year).collect();
    (years.len() <= usize::from(LAST_YEAR - FIRST_YEAR)).then_some(years)
}

/// How the day fields meet: a star in either asks for both to match, no star for one of them (crontab(5)).
fn meet(month: days::DayField<MonthDay>, week: days::DayField<WeekDay>) -> Days {
    let both = month.star || week.star;
    let month = MonthDays { numbers: month.list.values.mask(), special: month.list.special.into() };
    let week = WeekDays { numbers: week.list.values.mask(), special: week.list.special.into() };
    match (month.numbers == EVERY_MONTH_DAY, week.numbers == EVERY_WEEK_DAY) {
        (true, true) => Days::Every,
        (true, false) if both => Days::OfWeek(week),
        (false, true) if both => Days::OfMonth(month),
        (true, false) | (false, true) => Days::Every,
        (false, false) if both => Days::Both(month, week),
        (false, false) => Days::Either(month, week),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Dialect;

    fn days(dom: &str, dow: &str, dialect: Dialect) -> Days {
        Rule::parse(&format!("0 0 {dom} * {dow}"), &Settings { dialect, ..Settings::default() }).unwrap().days
    }

    /// `entry.c` sets its star flags when a field begins with `*`, and `cron.c` then asks for both.
    #[test]
    fn day_fields_meet_as_in_vixie_cron() {
        for (dom, dow, meets) in [
            ("*", "*", "Every"),
            ("*", "1", "OfWeek"),
            ("1", "*", "OfMonth"),
            ("?", "1", "OfWeek"),
            ("1", "?", "OfMonth"),
            ("13", "5", "Either"),
            ("*/2", "1", "Both"),
            ("1", "*/2", "Both"),
            ("*/2", "*/2", "Both"),
            ("*/1", "1", "OfWeek"),
            ("*,5", "1", "OfWeek"),
            ("1-31", "1", "Every"),
            ("1-31", "*", "Every"),
            ("1-31/2", "1", "Either"),
            ("L", "5#1", "Either"),
            ("L", "*/2", "Both"),
        ] {
            assert!(format!("{:?}", days(dom, dow, Dialect::Unix)).starts_with(meets), "{dom} {dow}");
        }
        assert!(matches!(days("*/2", "1", Dialect::Quartz), Days::Either(..)));
        assert!(matches!(days("?", "1", Dialect::Quartz), Days::OfWeek(..)));
    }

    #[test]
    fn counts_fields() {
        for (text, found) in [("1 2 3 4", 4), ("*", 1), ("1 2 3 4 5 6 7 8", 8)] {
            let refused = Rule::parse(text, &Settings::default());
            assert_eq!(refused, Err(Error::FieldCount { text: text.to_owned(), found }));
        }
        let rule = Rule::parse("*/30 1 2 3 4 5 2027", &Settings::default()).unwrap();
        assert_eq!((rule.seconds, rule.years.as_deref()), (1 | 1 << 30, Some([2027].as_slice())));
    }

    #[test]
    fn stars_and_steps_of_minute_and_hour_recur() {
        for (text, recurring) in [
            ("0 3 * * *", false),
            ("0,30 1-5 * * *", false),
            ("H H * * *", false),
            ("*/5 0 3 * * *", false),
            ("0 * * * *", true),
            ("* 3 * * *", true),
            ("0 0-23/2 * * *", true),
            ("H/15 3 * * *", true),
        ] {
            assert_eq!(Rule::parse(text, &Settings::default()).unwrap().recurring, recurring, "{text}");
        }
    }
}
