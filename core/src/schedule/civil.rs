//! The next matching second of the wall clock, with no zone in sight: a wall clock reading is treated as if it were
//! UTC.
//!
//! saffron reads the five classic fields and searches them. Around it stand what it does not know (seconds, years,
//! lists with `L`, `W` and `#` in them, both day fields at once) and what it gets wrong: it starts ranges that wrap
//! around one too early, so it is only given ranges that do not; it takes `31W` for a Friday the 30th in months of 30
//! days; and it searches a quarter of a million years for `31W` in February.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days as Count, Months, NaiveDate, NaiveTime, Utc};
use saffron::Cron;

use super::days::{MonthDay, WeekDay};
use super::rule::{
    Days, EVERY_HOUR, EVERY_MINUTE, EVERY_MONTH, EVERY_MONTH_DAY, EVERY_WEEK_DAY, MonthDays, Rule, WeekDays,
};
use super::set::stretches;

/// Wall clocks differ from UTC by less than a day, so no rule has to be searched past this year.
const LAST_READ_YEAR: i32 = 2200;
/// More candidates than the 230 years have days; only a rule that matches next to nothing comes near.
const MOST_CANDIDATES: u32 = 100_000;

/// A rule ready to be searched.
#[derive(Debug)]
pub(super) struct Civil {
    seconds: u64,
    /// A minute matches when one of these does...
    any_of: Box<[Candidate]>,
    /// ...and its day is one of these, if they are here...
    only_on: Option<Box<[Candidate]>>,
    /// ...and its year is one of these, in rising order.
    years: Option<Box<[u16]>>,
}

/// One of saffron's rules.
#[derive(Debug)]
struct Candidate {
    cron: Cron,
    /// Matches in months of fewer days are false ones.
    least_month: u8,
}

/// What is said of a minute by the conditions saffron does not know.
enum Verdict {
    Matches,
    /// No match before this second.
    NotBefore(i64),
    Never,
}

impl Civil {
    /// From a rule; none when saffron does not take what was made of it.
    pub(super) fn new(rule: &Rule) -> Option<Self> {
        let time = format!("{} {}", list(rule.minutes, EVERY_MINUTE), list(rule.hours, EVERY_HOUR));
        let months = list(rule.months, EVERY_MONTH);
        let every_day = || Candidate::new(&format!("{time} * {months} *"), 0).map(|candidate| vec![candidate]);
        let longest_month = longest_month(rule.months);
        let of_month = |days| of_month(days, &time, &months, longest_month);
        let of_week = |days| of_week(days, &time, &months);
        let (any_of, only_on) = match &rule.days {
            Days::Every => (every_day()?, None),
            Days::OfMonth(days) => (of_month(days)?, None),
            Days::OfWeek(days) => (of_week(days)?, None),
            Days::Either(month, week) if month.special.is_empty() && week.special.is_empty() => {
                let (month, week) = (list(month.numbers, EVERY_MONTH_DAY), saffron_week(week.numbers));
                (vec![Candidate::new(&format!("{time} {month} {months} {week}"), 0)?], None)
            }
            Days::Either(month, week) => (of_month(month)?.into_iter().chain(of_week(week)?).collect(), None),
            Days::Both(month, week) => (of_week(week)?, Some(of_month(month)?.into())),
        };
        Some(Self { seconds: rule.seconds, any_of: any_of.into(), only_on, years: rule.years.clone() })
    }

    /// The first match at or after a second; none when there is none before the year 2201.
    pub(super) fn next_from(&self, second: i64) -> Option<i64> {
        let mut from = self.on_a_second(second);
        for _ in 0..MOST_CANDIDATES {
            let minute = self.next_minute(DateTime::from_timestamp(from, 0)?)?;
            match self.judge(minute) {
                Verdict::Matches => return Some(self.on_a_second(minute.timestamp()).max(from)),
                Verdict::NotBefore(later) => from = self.on_a_second(later),
                Verdict::Never => return None,
            }
        }
        None
    }

    /// The first reading at or after one that has one of the rule's seconds.
    fn on_a_second(&self, from: i64) -> i64 {
        let second = from.rem_euclid(60);
        let rest = self.seconds >> second;
        if rest != 0 {
            return from + i64::from(rest.trailing_zeros());
        }
        from - second + 60 + i64::from(self.seconds.trailing_zeros())
    }

    fn next_minute(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &*self.any_of {
            [only] => only.next_from(from),
            several => several.iter().filter_map(|candidate| candidate.next_from(from)).min(),
        }
    }

    fn judge(&self, minute: DateTime<Utc>) -> Verdict {
        if minute.year() > LAST_READ_YEAR {
            return Verdict::Never;
        }
        if let Some(years) = &self.years
            && let Err(next) = years.binary_search_by_key(&minute.year(), |year| i32::from(*year))
        {
            let new_year = years.get(next).and_then(|year| NaiveDate::from_ymd_opt(i32::from(*year), 1, 1));
            return new_year.map_or(Verdict::Never, not_before);
        }
        match &self.only_on {
            Some(days) if !days.iter().any(|day| day.matches(minute)) => {
                minute.date_naive().checked_add_days(Count::new(1)).map_or(Verdict::Never, not_before)
            }
            _ => Verdict::Matches,
        }
    }
}

fn not_before(date: NaiveDate) -> Verdict {
    Verdict::NotBefore(date.and_time(NaiveTime::MIN).and_utc().timestamp())
}

impl Candidate {
    fn new(text: &str, least_month: u8) -> Option<Self> {
        Some(Self { cron: Cron::from_str(text).ok()?, least_month })
    }

    fn next_from(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut minute = self.cron.next_from(from)?;
        if self.least_month == 0 {
            return Some(minute);
        }
        while minute.num_days_in_month() < self.least_month && minute.year() <= LAST_READ_YEAR {
            let next_month = minute.date_naive().with_day(1)?.checked_add_months(Months::new(1))?;
            minute = self.cron.next_from(next_month.and_time(NaiveTime::MIN).and_utc())?;
        }
        Some(minute)
    }

    fn matches(&self, minute: DateTime<Utc>) -> bool {
        minute.num_days_in_month() >= self.least_month && self.cron.contains(minute)
    }
}

/// One candidate for the numbers, one for each special day, none for a day that no month of the rule has.
fn of_month(days: &MonthDays, time: &str, months: &str, longest_month: u16) -> Option<Vec<Candidate>> {
    let mut candidates = Vec::new();
    if days.numbers != 0 {
        candidates.push(Candidate::new(&format!("{time} {} {months} *", list(days.numbers, EVERY_MONTH_DAY)), 0)?);
    }
    for day in &days.special {
        let (day, least_month) = match *day {
            MonthDay::Last => ("L".to_owned(), 0),
            MonthDay::BeforeLast(days) => (format!("L-{days}"), 0),
            MonthDay::LastWorkday => ("LW".to_owned(), 0),
            MonthDay::NearestWorkday(day) if day > longest_month => continue,
            MonthDay::NearestWorkday(day) => (format!("{day}W"), u8::try_from(day).unwrap_or(0)),
        };
        candidates.push(Candidate::new(&format!("{time} {day} {months} *"), least_month)?);
    }
    Some(candidates)
}

/// saffron counts weekdays from 1.
fn saffron_week(numbers: u64) -> String {
    list(numbers << 1, EVERY_WEEK_DAY << 1)
}

/// As [`of_month`], for weekdays.
fn of_week(days: &WeekDays, time: &str, months: &str) -> Option<Vec<Candidate>> {
    let mut candidates = Vec::new();
    if days.numbers != 0 {
        candidates.push(Candidate::new(&format!("{time} * {months} {}", saffron_week(days.numbers)), 0)?);
    }
    for day in &days.special {
        let day = match *day {
            WeekDay::Last(day) => format!("{}L", day + 1),
            WeekDay::Nth(day, nth) => format!("{}#{nth}", day + 1),
        };
        candidates.push(Candidate::new(&format!("{time} * {months} {day}"), 0)?);
    }
    Some(candidates)
}

/// A mask as saffron reads it: `*` or ranges in rising order.
fn list(mask: u64, every: u64) -> String {
    if mask == every {
        return "*".to_owned();
    }
    let ranges = stretches(mask).into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(",")
}

/// The days of the longest month, in a leap year.
fn longest_month(months: u64) -> u16 {
    const OF_31: u64 = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 12;
    match months {
        months if months & OF_31 != 0 => 31,
        months if months == 1 << 2 => 29,
        _ => 30,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Settings;

    fn civil(text: &str) -> Civil {
        Civil::new(&Rule::parse(text, &Settings::default()).unwrap()).unwrap()
    }

    #[test]
    fn false_matches_of_the_nearest_weekday_are_left_out() {
        // 2021-04-30 and 2022-09-30 are Fridays: no 31st of April to be near to.
        let at = |text: &str| NaiveDate::parse_from_str(text, "%F").unwrap().and_time(NaiveTime::MIN).and_utc();
        let rule = civil("0 0 31W * *");
        assert_eq!(rule.next_from(at("2021-04-01").timestamp()), Some(at("2021-05-31").timestamp()));
        assert_eq!(rule.next_from(at("2022-09-01").timestamp()), Some(at("2022-10-31").timestamp()));
    }

    #[test]
    fn a_search_for_nothing_ends() {
        for text in
            ["0 0 30 2 *", "0 0 31W 2 *", "0 0 31W 4,6 *", "0 0 L-30 4 *", "0 0 */40 * 5#5", "0 0 0 29 2 * 2027"]
        {
            assert_eq!(civil(text).next_from(0), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_searched_within_the_minute() {
        let rule = civil("5,20 0 0 * * *");
        for (from, next) in [(0, 5), (5, 5), (6, 20), (20, 20), (21, 86_405), (60, 86_405), (-1, 5)] {
            assert_eq!(rule.next_from(from), Some(next), "{from}");
        }
    }
}
