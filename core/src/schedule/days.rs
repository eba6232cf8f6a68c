//! The two day fields: what they know beyond numbers (`L`, `LW`, `L-n`, `nW`; `nL`, `n#k`, `L`, `?`), and how they
//! meet.

use super::error::Error;
use super::fields::{self, List, MONTH_DAY};
use super::settings::Dialect;
use super::spread::Spread;

/// A day of the month that no number names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MonthDay {
    /// `L`
    Last,
    /// `L-n`: n days before the last.
    BeforeLast(u16),
    /// `LW`: the last Monday to Friday.
    LastWorkday,
    /// `nW`: the Monday to Friday nearest to day n, within the month.
    NearestWorkday(u16),
}

/// A day of the week within a month; 0 is Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum WeekDay {
    /// `dL`: the last such day of the month.
    Last(u16),
    /// `d#k`: the k-th such day of the month.
    Nth(u16, u16),
}

/// A day field.
#[derive(Clone, Debug)]
pub(super) struct DayField<S> {
    pub(super) list: List<S>,
    /// Whether it counts as unrestricted when both day fields meet.
    pub(super) star: bool,
}

/// Reads the day-of-month field.
pub(super) fn month_days(text: &str, dialect: Dialect, spread: Spread<'_>) -> Result<DayField<MonthDay>, Error> {
    let list = fields::parse(&MONTH_DAY, without_question_mark(text), spread, month_day)?;
    Ok(DayField { list, star: is_star(text, dialect) })
}

/// Reads the day-of-week field.
pub(super) fn week_days(text: &str, dialect: Dialect, spread: Spread<'_>) -> Result<DayField<WeekDay>, Error> {
    let part = fields::week_day(dialect);
    // L alone is the week's last day, Saturday, in Quartz and here.
    let text_of_list = if text.eq_ignore_ascii_case("L") { "SAT" } else { without_question_mark(text) };
    let list = fields::parse(&part, text_of_list, spread, |item| week_day(&part, item))?;
    Ok(DayField { list, star: is_star(text, dialect) })
}

fn without_question_mark(text: &str) -> &str {
    if text == "?" { "*" } else { text }
}

/// Vixie cron, and Debian's with it, asks how the field begins: `*/2` counts as a star. Quartz asks for the whole
/// field.
fn is_star(text: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Unix => text.starts_with('*') || text == "?",
        Dialect::Quartz => text == "*" || text == "?",
    }
}

fn month_day(item: &str) -> Result<Option<MonthDay>, String> {
    if !item.contains(['L', 'l', 'W', 'w']) {
        return Ok(None);
    }
    let item = item.to_ascii_uppercase();
    match item.as_str() {
        "L" => return Ok(Some(MonthDay::Last)),
        "LW" | "WL" => return Ok(Some(MonthDay::LastWorkday)),
        _ => {}
    }
    if let Some(days) = item.strip_prefix("L-") {
        let days = days.parse().ok().filter(|days| (1..=30).contains(days));
        return days.map(|days| Some(MonthDay::BeforeLast(days))).ok_or_else(|| {
            format!("`{item}` is not L-n with n from 1 to 30, so many days before the last of the month")
        });
    }
    match item.strip_suffix('W') {
        Some(day) => MONTH_DAY.value(day).map(|day| Some(MonthDay::NearestWorkday(day))),
        None => Ok(None),
    }
}

fn week_day(part: &fields::Part, item: &str) -> Result<Option<WeekDay>, String> {
    if let Some((day, nth)) = item.split_once('#') {
        let day = part.value(day)?;
        let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth));
        return nth
            .map(|nth| Some(WeekDay::Nth(day, nth)))
            .ok_or_else(|| format!("`{item}` is not d#k with k from 1 to 5, the k-th such day of the month"));
    }
    match item.strip_suffix(['L', 'l']) {
        Some(day) => part.value(day).map(|day| Some(WeekDay::Last(day))),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Result<(Vec<u16>, Vec<MonthDay>), String> {
        let field = month_days(text, Dialect::Unix, Spread::of_job("")).map_err(|error| error.to_string())?;
        Ok((field.list.values.numbers().collect(), field.list.special))
    }

    fn week(text: &str, dialect: Dialect) -> Result<(Vec<u16>, Vec<WeekDay>), String> {
        let field = week_days(text, dialect, Spread::of_job("")).map_err(|error| error.to_string())?;
        Ok((field.list.values.numbers().collect(), field.list.special))
    }

    #[test]
    fn reads_what_no_number_names() {
        use MonthDay::{BeforeLast, Last, LastWorkday, NearestWorkday};
        assert_eq!(month("L"), Ok((vec![], vec![Last])));
        assert_eq!(month("lw,LW"), Ok((vec![], vec![LastWorkday])));
        assert_eq!(month("L-3,1"), Ok((vec![1], vec![BeforeLast(3)])));
        assert_eq!(month("15W,L"), Ok((vec![], vec![NearestWorkday(15), Last])));
        for dialect in [Dialect::Unix, Dialect::Quartz] {
            assert_eq!(week("L", dialect), Ok((vec![6], vec![])));
            assert_eq!(week("friL,MON#1", dialect), Ok((vec![], vec![WeekDay::Last(5), WeekDay::Nth(1, 1)])));
        }
        assert_eq!(week("5L,0#2", Dialect::Unix), Ok((vec![], vec![WeekDay::Last(5), WeekDay::Nth(0, 2)])));
        assert_eq!(week("6L,1#2", Dialect::Quartz), Ok((vec![], vec![WeekDay::Last(5), WeekDay::Nth(0, 2)])));
    }

    #[test]
    fn refuses_with_advice() {
        for (text, advice) in [
            ("L-0", "1 to 30"),
            ("L-31", "1 to 30"),
            ("L-3W", "1 to 30"),
            ("32W", "1-31"),
            ("W", "1-31"),
            ("1#2", "1-31"),
        ] {
            let message = month(text).unwrap_err();
            assert!(message.contains(advice) && message.contains("day of month"), "{text}: {message}");
        }
        for (text, advice) in [("1#6", "1 to 5"), ("1#0", "1 to 5"), ("8L", "0-7"), ("#1", "0-7"), ("1W", "0-7")] {
            let message = week(text, Dialect::Unix).unwrap_err();
            assert!(message.contains(advice) && message.contains("day of week"), "{text}: {message}");
        }
    }
}
