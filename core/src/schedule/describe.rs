//! A rule in English, made from what it means rather than from how it was written: `H` shows what it picked.
//!
//! For people only; nothing reads it back, and its words may change.

use crate::duration::Period;
use crate::time::Timestamp;

use super::days::{MonthDay, WeekDay};
use super::preview;
use super::rule::{
    Days, EVERY_HOUR, EVERY_MINUTE, EVERY_MONTH, EVERY_MONTH_DAY, EVERY_SECOND, MonthDays, Rule, WeekDays,
};
use super::set::{stretches, values};
use super::settings::{Dst, Fold, Gap};
use super::zone::Zone;

/// Up to so many times of day are listed one by one.
const MOST_TIMES: usize = 4;
/// Only second 0.
const ON_THE_MINUTE: u64 = 1;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A cron rule.
pub(super) fn cron(rule: &Rule, zone: &str, dst: Dst) -> String {
    let time = times(rule).unwrap_or_else(|| recurring_time(rule));
    let picked = if rule.spread { ", spread by the job's name" } else { "" };
    format!("{time}{}{} ({zone}){picked}{}", days(rule), years(rule), clock_changes(dst))
}

/// `@every`.
pub(super) fn every(period: Period) -> String {
    format!("Every {period}, counted from a fixed moment")
}

/// `@at`.
pub(super) fn at(at: Timestamp, zone: &Zone) -> String {
    format!("Once, at {} ({})", preview::local(at, zone.offset_at(at.seconds())), zone.name())
}

/// `@reboot`.
pub(super) fn reboot() -> String {
    "Once on each matching node when that node starts".to_owned()
}

/// Few times of day, one by one.
fn times(rule: &Rule) -> Option<String> {
    let count = rule.hours.count_ones() * rule.minutes.count_ones() * rule.seconds.count_ones();
    if usize::try_from(count).ok()? > MOST_TIMES {
        return None;
    }
    let mut times = Vec::new();
    for hour in values(rule.hours) {
        for minute in values(rule.minutes) {
            for second in values(rule.seconds) {
                let seconds = if rule.seconds == ON_THE_MINUTE { String::new() } else { format!(":{second:02}") };
                times.push(format!("{hour:02}:{minute:02}{seconds}"));
            }
        }
    }
    let every_day = if rule.days == Days::Every { " every day" } else { "" };
    Some(format!("At {}{every_day}", and(&times)))
}

fn recurring_time(rule: &Rule) -> String {
    if rule.seconds == ON_THE_MINUTE {
        return minutes(rule);
    }
    let seconds = match progression(rule.seconds, EVERY_SECOND) {
        Some((1, _)) => "Every second".to_owned(),
        Some((step, 0)) => format!("Every {step} seconds{}", within(step, 60, "minute")),
        Some((step, first)) => format!("Every {step} seconds{} from second {first}", within(step, 60, "minute")),
        None => format!("At {}", numbers("second", rule.seconds)),
    };
    let counts_within = progression(rule.seconds, EVERY_SECOND).is_none();
    let minutes = match progression(rule.minutes, EVERY_MINUTE) {
        Some((1, _)) if counts_within => " of every minute".to_owned(),
        Some((1, _)) => String::new(),
        Some((step, first)) => format!(" of every {} minute{}", ordinal(step), from_minute(first)),
        None => format!(" of {}", numbers("minute", rule.minutes)),
    };
    format!("{seconds}{minutes}{}", hours(rule.hours))
}

fn minutes(rule: &Rule) -> String {
    if let ([(minute, last_minute)], [(first, last)]) = (&*stretches(rule.minutes), &*stretches(rule.hours))
        && minute == last_minute
        && (*first, *last) != (0, 23)
    {
        return format!("Every hour from {first:02}:{minute:02} through {last:02}:{minute:02}");
    }
    match (progression(rule.minutes, EVERY_MINUTE), progression(rule.hours, EVERY_HOUR)) {
        (Some((1, _)), _) => format!("Every minute{}", hours(rule.hours)),
        (Some((step, first)), _) => {
            format!("Every {step} minutes{}{}{}", within(step, 60, "hour"), from_minute(first), hours(rule.hours))
        }
        (None, Some((1, _))) if rule.minutes == 1 => "Every hour".to_owned(),
        (None, Some((step, 0))) if rule.minutes == 1 => format!("Every {step} hours{}", within(step, 24, "day")),
        (None, Some((1, _))) => format!("At {} of every hour", numbers("minute", rule.minutes)),
        (None, _) => format!("At {}{}", numbers("minute", rule.minutes), hours(rule.hours)),
    }
}

/// Steps that do not go into the whole begin anew with it: the last one is shorter.
fn within(step: u16, whole: u16, unit: &str) -> String {
    if whole.is_multiple_of(step) { String::new() } else { format!(" of each {unit}") }
}

fn from_minute(first: u16) -> String {
    if first == 0 { String::new() } else { format!(" from minute {first}") }
}

fn hours(mask: u64) -> String {
    match progression(mask, EVERY_HOUR) {
        Some((1, _)) => return String::new(),
        Some((step, 0)) => return format!(" in every {} hour", ordinal(step)),
        Some((step, first)) => return format!(" in every {} hour from {first:02}:00", ordinal(step)),
        None => {}
    }
    let spans = stretches(mask).into_iter().map(|(first, last)| format!("from {first:02}:00 through {last:02}:59"));
    format!(" {}", and(&spans.collect::<Vec<_>>()))
}

/// Days and months.
fn days(rule: &Rule) -> String {
    let days = match &rule.days {
        Days::Every => String::new(),
        Days::OfMonth(days) if rule.months != EVERY_MONTH => {
            return format!(" on {} of {}", month_days(days), months(rule.months));
        }
        Days::OfMonth(days) => format!(" on {} of the month", month_days(days)),
        Days::OfWeek(days) => format!(" on {}", and(&week_days(days))),
        Days::Either(month, week) => {
            format!(" on {} of the month or on {}", month_days(month), and(&week_days(week)))
        }
        Days::Both(month, week) => {
            format!(" on {} of the month, if that is {}", month_days(month), or(&week_days(week)))
        }
    };
    if rule.months == EVERY_MONTH { days } else { format!("{days} in {}", months(rule.months)) }
}

fn month_days(days: &MonthDays) -> String {
    let mut names = match progression(days.numbers >> 1, EVERY_MONTH_DAY >> 1) {
        Some((step, first)) => vec![format!("every {} day from the {}", ordinal(step), ordinal(first + 1))],
        None => spans(days.numbers, |day| format!("the {}", ordinal(day))),
    };
    names.extend(days.special.iter().map(|day| match *day {
        MonthDay::Last => "the last day".to_owned(),
        MonthDay::BeforeLast(1) => "the day before the last".to_owned(),
        MonthDay::BeforeLast(days) => format!("the {} day before the last", ordinal(days)),
        MonthDay::LastWorkday => "the last weekday (Monday to Friday)".to_owned(),
        MonthDay::NearestWorkday(day) => format!("the weekday (Monday to Friday) nearest to the {}", ordinal(day)),
    }));
    and(&names)
}

fn week_days(days: &WeekDays) -> Vec<String> {
    // Weeks are told from Monday on, so that Friday through Sunday is one stretch.
    let sunday_last = (days.numbers & !1) | (days.numbers & 1) << 7;
    let mut names = spans(sunday_last, weekday);
    names.extend(days.special.iter().map(|day| match *day {
        WeekDay::Last(day) => format!("the last {} of the month", weekday(day)),
        WeekDay::Nth(day, nth) => format!("the {} {} of the month", ordinal(nth), weekday(day)),
    }));
    names
}

fn months(mask: u64) -> String {
    let name = |month: u16| MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default().to_owned();
    and(&spans(mask, name))
}

fn years(rule: &Rule) -> String {
    let Some(years) = &rule.years else { return String::new() };
    match &**years {
        [first, .., last] if usize::from(last - first) + 1 == years.len() => format!(" in {first} through {last}"),
        years => format!(" in {}", and(&years.iter().map(u16::to_string).collect::<Vec<_>>())),
    }
}

fn clock_changes(dst: Dst) -> String {
    let gap = match dst.gap {
        None => "",
        Some(Gap::RunAfter) => "; what a clock change skips runs right after it",
        Some(Gap::Skip) => "; what a clock change skips is left out",
        Some(Gap::Shift) => "; what a clock change skips runs as much later",
    };
    let fold = match dst.fold {
        None => "",
        Some(Fold::Once) => "; what a clock change repeats runs once",
        Some(Fold::Twice) => "; what a clock change repeats runs both times",
    };
    format!("{gap}{fold}")
}

/// Step and first value of a set that walks in equal steps to the end of its field.
fn progression(mask: u64, every: u64) -> Option<(u16, u16)> {
    let mut all = values(mask);
    let (first, second, last) = (all.next()?, all.next()?, all.last()?);
    let step = second - first;
    let walks = values(mask).eq((first..=last).step_by(usize::from(step)));
    let to_the_end = every.checked_shr(u32::from(last + step)).unwrap_or(0) == 0;
    (walks && to_the_end && first < step).then_some((step, first))
}

fn numbers(unit: &str, mask: u64) -> String {
    let plural = if mask.is_power_of_two() { "" } else { "s" };
    format!("{unit}{plural} {}", and(&spans(mask, |number| number.to_string())))
}

/// Stretches of three values and more as "a through b", others one by one.
fn spans(mask: u64, name: impl Fn(u16) -> String) -> Vec<String> {
    let mut spans = Vec::new();
    for (first, last) in stretches(mask) {
        if last - first >= 2 {
            spans.push(format!("{} through {}", name(first), name(last)));
        } else {
            spans.extend((first..=last).map(&name));
        }
    }
    spans
}

fn weekday(day: u16) -> String {
    WEEKDAYS.get(usize::from(day % 7)).copied().unwrap_or_default().to_owned()
}

fn ordinal(number: u16) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn and(words: &[String]) -> String {
    join(words, "and")
}

fn or(words: &[String]) -> String {
    join(words, "or")
}

fn join(words: &[String], last_word: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {last_word} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::schedule::{Dst, Fold, Gap, Schedule, Settings};

    fn check(rules: &[&str], expected: Expect) {
        let settings = Settings { name: "backup", ..Settings::default() };
        let line = |rule: &&str| format!("{rule:<42}{}\n", Schedule::parse(rule, &settings).unwrap().describe());
        expected.assert_eq(&rules.iter().map(line).collect::<String>());
    }

    #[test]
    fn times_of_day() {
        check(
            &[
                "* * * * *",
                "0 * * * *",
                "5 * * * *",
                "0,30 * * * *",
                "0-10,30 * * * *",
                "*/15 * * * *",
                "7-59/15 * * * *",
                "*/7 * * * *",
                "3-59/7 9-17 * * *",
                "0 */5 * * *",
                "*/7 * * * * *",
                "30 9 * * *",
                "0 9,18 * * *",
                "15,45 9,18 * * *",
                "0 */2 * * *",
                "0 1-23/2 * * *",
                "30 */6 * * *",
                "*/5 9-17 * * *",
                "* 22-2 * * *",
                "0 9-17 * * *",
                "0,20,40 1,3,7 * * *",
                "H H * * *",
                "H/15 * * * *",
            ],
            expect![[r#"
                * * * * *                                 Every minute (UTC)
                0 * * * *                                 Every hour (UTC)
                5 * * * *                                 At minute 5 of every hour (UTC)
                0,30 * * * *                              At minutes 0 and 30 of every hour (UTC)
                0-10,30 * * * *                           At minutes 0 through 10 and 30 of every hour (UTC)
                */15 * * * *                              Every 15 minutes (UTC)
                7-59/15 * * * *                           Every 15 minutes from minute 7 (UTC)
                */7 * * * *                               Every 7 minutes of each hour (UTC)
                3-59/7 9-17 * * *                         Every 7 minutes of each hour from minute 3 from 09:00 through 17:59 (UTC)
                0 */5 * * *                               Every 5 hours of each day (UTC)
                */7 * * * * *                             Every 7 seconds of each minute (UTC)
                30 9 * * *                                At 09:30 every day (UTC)
                0 9,18 * * *                              At 09:00 and 18:00 every day (UTC)
                15,45 9,18 * * *                          At 09:15, 09:45, 18:15 and 18:45 every day (UTC)
                0 */2 * * *                               Every 2 hours (UTC)
                0 1-23/2 * * *                            At minute 0 in every 2nd hour from 01:00 (UTC)
                30 */6 * * *                              At 00:30, 06:30, 12:30 and 18:30 every day (UTC)
                */5 9-17 * * *                            Every 5 minutes from 09:00 through 17:59 (UTC)
                * 22-2 * * *                              Every minute from 00:00 through 02:59 and from 22:00 through 23:59 (UTC)
                0 9-17 * * *                              Every hour from 09:00 through 17:00 (UTC)
                0,20,40 1,3,7 * * *                       Every 20 minutes from 01:00 through 01:59, from 03:00 through 03:59 and from 07:00 through 07:59 (UTC)
                H H * * *                                 At 20:37 every day (UTC), spread by the job's name
                H/15 * * * *                              Every 15 minutes from minute 7 (UTC), spread by the job's name
            "#]],
        );
    }

    #[test]
    fn days_months_and_years() {
        check(
            &[
                "0 9 * * 1-5",
                "0 9 * * SAT,SUN",
                "0 9 * * FRI-MON",
                "0 9 * * 5L",
                "0 9 * * 1#2,3#4",
                "0 9 1 * *",
                "0 9 1-7,15,22,23 * *",
                "0 9 */2 * *",
                "0 9 L * *",
                "0 9 L-1 * *",
                "0 9 L-3 * *",
                "0 9 LW * *",
                "0 9 15W,L * *",
                "0 9 13 * 5",
                "0 9 */2 * 1",
                "0 9 * 1-3,12 *",
                "0 9 29 2 *",
                "*/5 * 11,12,13,21 6 *",
                "0 0 9 * * * 2030",
                "0 0 9 1 1 * 2030-2035",
                "0 0 9 1 1 * 2030,2032",
            ],
            expect![[r#"
                0 9 * * 1-5                               At 09:00 on Monday through Friday (UTC)
                0 9 * * SAT,SUN                           At 09:00 on Saturday and Sunday (UTC)
                0 9 * * FRI-MON                           At 09:00 on Monday and Friday through Sunday (UTC)
                0 9 * * 5L                                At 09:00 on the last Friday of the month (UTC)
                0 9 * * 1#2,3#4                           At 09:00 on the 2nd Monday of the month and the 4th Wednesday of the month (UTC)
                0 9 1 * *                                 At 09:00 on the 1st of the month (UTC)
                0 9 1-7,15,22,23 * *                      At 09:00 on the 1st through the 7th, the 15th, the 22nd and the 23rd of the month (UTC)
                0 9 */2 * *                               At 09:00 on every 2nd day from the 1st of the month (UTC)
                0 9 L * *                                 At 09:00 on the last day of the month (UTC)
                0 9 L-1 * *                               At 09:00 on the day before the last of the month (UTC)
                0 9 L-3 * *                               At 09:00 on the 3rd day before the last of the month (UTC)
                0 9 LW * *                                At 09:00 on the last weekday (Monday to Friday) of the month (UTC)
                0 9 15W,L * *                             At 09:00 on the weekday (Monday to Friday) nearest to the 15th and the last day of the month (UTC)
                0 9 13 * 5                                At 09:00 on the 13th of the month or on Friday (UTC)
                0 9 */2 * 1                               At 09:00 on every 2nd day from the 1st of the month, if that is Monday (UTC)
                0 9 * 1-3,12 *                            At 09:00 every day in January through March and December (UTC)
                0 9 29 2 *                                At 09:00 on the 29th of February (UTC)
                */5 * 11,12,13,21 6 *                     Every 5 minutes on the 11th through the 13th and the 21st of June (UTC)
                0 0 9 * * * 2030                          At 09:00 every day in 2030 (UTC)
                0 0 9 1 1 * 2030-2035                     At 09:00 on the 1st of January in 2030 through 2035 (UTC)
                0 0 9 1 1 * 2030,2032                     At 09:00 on the 1st of January in 2030 and 2032 (UTC)
            "#]],
        );
    }

    #[test]
    fn seconds() {
        check(
            &[
                "* * * * * *",
                "*/10 * * * * *",
                "5/10 * * * * *",
                "30 * * * * *",
                "15 30 9 * * *",
                "10,20 */5 * * * *",
                "* 30 2 * * *",
                "*/10 5,7 9-17 * * MON",
            ],
            expect![[r#"
                * * * * * *                               Every second (UTC)
                */10 * * * * *                            Every 10 seconds (UTC)
                5/10 * * * * *                            Every 10 seconds from second 5 (UTC)
                30 * * * * *                              At second 30 of every minute (UTC)
                15 30 9 * * *                             At 09:30:15 every day (UTC)
                10,20 */5 * * * *                         At seconds 10 and 20 of every 5th minute (UTC)
                * 30 2 * * *                              Every second of minute 30 from 02:00 through 02:59 (UTC)
                */10 5,7 9-17 * * MON                     Every 10 seconds of minutes 5 and 7 from 09:00 through 17:59 on Monday (UTC)
            "#]],
        );
    }

    #[test]
    fn answers_to_clock_changes() {
        let of = |dst| Schedule::parse("30 2 * * *", &Settings { dst, ..Settings::default() }).unwrap().describe();
        let expected = "At 02:30 every day (UTC); what a clock change skips runs as much later; what a clock change \
                        repeats runs both times";
        assert_eq!(of(Dst { gap: Some(Gap::Shift), fold: Some(Fold::Twice) }), expected);
        assert_eq!(of(Dst::default()), "At 02:30 every day (UTC)");
    }

    #[test]
    fn names_and_prefixes() {
        check(
            &[
                "@yearly",
                "@monthly",
                "@weekly",
                "@daily",
                "@hourly",
                "@reboot",
                "@every 1h30m",
                "@at 2026-12-01T08:00:00+08:00",
                "CRON_TZ=Asia/Shanghai 0 9 * * *",
                "TZ=Asia/Shanghai @at 2026-12-01T00:00:00Z",
            ],
            expect![[r#"
                @yearly                                   At 00:00 on the 1st of January (UTC)
                @monthly                                  At 00:00 on the 1st of the month (UTC)
                @weekly                                   At 00:00 on Sunday (UTC)
                @daily                                    At 00:00 every day (UTC)
                @hourly                                   Every hour (UTC)
                @reboot                                   Once on each matching node when that node starts
                @every 1h30m                              Every 1h30m, counted from a fixed moment
                @at 2026-12-01T08:00:00+08:00             Once, at 2026-12-01T00:00:00+00:00 (UTC)
                CRON_TZ=Asia/Shanghai 0 9 * * *           At 09:00 every day (Asia/Shanghai)
                TZ=Asia/Shanghai @at 2026-12-01T00:00:00Z Once, at 2026-12-01T08:00:00+08:00 (Asia/Shanghai)
            "#]],
        );
    }
}
