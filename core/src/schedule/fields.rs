//! One field of a rule: a list of values, ranges, steps and `H`, read into the set of values it stands for.
//!
//! Which fields there are and what they accept is data ([`Part`]). What only day fields know (`L`, `W`, `#`) is read by
//! `days` and handed in as a function.

use std::iter::Chain;
use std::ops::Range;

use super::error::Error;
use super::set::Set;
use super::settings::Dialect;
use super::spread::Spread;

/// What one field accepts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    low: u16,
    high: u16,
    /// Where `*` and ranges that wrap around turn; below `high` only where Sunday has two numbers.
    turn: u16,
    /// The last value `H` alone may pick, as in Jenkins: no day that some months lack, one Sunday only.
    spread_high: u16,
    names: &'static [&'static str],
    /// From the written number to the one used inside.
    meaning: fn(u16) -> u16,
}

/// The years schedules know.
pub(super) const FIRST_YEAR: u16 = 1970;
pub(super) const LAST_YEAR: u16 = 2199;

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fn part(name: &'static str, low: u16, high: u16) -> Part {
    Part { name, low, high, turn: high, spread_high: high, names: &[], meaning: |value| value }
}

pub(super) const SECOND: Part = part("second", 0, 59);
pub(super) const MINUTE: Part = part("minute", 0, 59);
pub(super) const HOUR: Part = part("hour", 0, 23);
pub(super) const MONTH_DAY: Part = Part { spread_high: 28, ..part("day of month", 1, 31) };
pub(super) const MONTH: Part = Part { names: MONTHS, ..part("month", 1, 12) };
pub(super) const YEAR: Part = Part { meaning: |year| year - FIRST_YEAR, ..part("year", FIRST_YEAR, LAST_YEAR) };
const UNIX_WEEKDAY: Part =
    Part { turn: 6, spread_high: 6, names: WEEKDAYS, meaning: |day| day % 7, ..part("day of week", 0, 7) };
const QUARTZ_WEEKDAY: Part = Part { names: WEEKDAYS, meaning: |day| day - 1, ..part("day of week", 1, 7) };

/// Days of the week as a dialect numbers them; inside, 0 is Sunday and 6 Saturday.
pub(super) const fn week_day(dialect: Dialect) -> Part {
    match dialect {
        Dialect::Unix => UNIX_WEEKDAY,
        Dialect::Quartz => QUARTZ_WEEKDAY,
    }
}

/// What a field says.
#[derive(Clone, Debug)]
pub(super) struct List<S> {
    /// The numbers; years are counted from the first there is.
    pub(super) values: Set,
    /// What cannot be said by numbers, each once.
    pub(super) special: Vec<S>,
    /// Whether a `*` or a step stands in it: rules with one in minute or hour follow the clock as it is shown.
    pub(super) recurring: bool,
    /// Whether it has an `H`.
    pub(super) spread: bool,
}

/// Values in the order a range walks them: to the turn and, where it wraps around, on from the lowest.
type Walk = Chain<Range<u16>, Range<u16>>;

/// The values of one item of a list, before [`Part::meaning`].
struct Item {
    range: Walk,
    skip: usize,
    step: usize,
    most: usize,
    recurring: bool,
    spread: bool,
}

/// Reads a field. `special` is asked first about every item: what it knows it returns, what it refuses is an error.
pub(super) fn parse<S: PartialEq>(
    part: &Part,
    text: &str,
    spread: Spread<'_>,
    special: impl Fn(&str) -> Result<Option<S>, String>,
) -> Result<List<S>, Error> {
    let mut list = List { values: Set::default(), special: Vec::new(), recurring: false, spread: false };
    for item in text.split(',') {
        let refuse = |problem| Error::Field { part: part.name, text: text.to_owned(), problem };
        if let Some(day) = special(item).map_err(refuse)? {
            if !list.special.contains(&day) {
                list.special.push(day);
            }
            continue;
        }
        let item = part.item(item, spread).map_err(refuse)?;
        for value in item.range.skip(item.skip).step_by(item.step).take(item.most) {
            list.values.insert((part.meaning)(value));
        }
        list.recurring |= item.recurring;
        list.spread |= item.spread;
    }
    Ok(list)
}

/// For fields that know nothing special.
pub(super) const fn plain(_: &str) -> Result<Option<()>, String> {
    Ok(None)
}

impl Part {
    fn item(&self, text: &str, spread: Spread<'_>) -> Result<Item, String> {
        let (base, step) = match text.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step)?)),
            None => (text, None),
        };
        let recurring = base == "*" || step.is_some();
        match base.strip_prefix(['H', 'h']) {
            Some(range) => Ok(Item { recurring, ..self.spread(range, step, spread)? }),
            None => {
                let range = self.range(base, step.is_some())?;
                Ok(Item { range, skip: 0, step: step.unwrap_or(1), most: usize::MAX, recurring, spread: false })
            }
        }
    }

    /// `*`, `a`, `a-b`; a single value before a step runs to the end, as in Debian cron.
    fn range(&self, text: &str, stepped: bool) -> Result<Walk, String> {
        if text == "*" {
            return self.between(self.low, self.turn);
        }
        match text.split_once('-') {
            Some((first, last)) => self.between(self.number(first)?, self.number(last)?),
            None => {
                let number = self.number(text)?;
                self.between(number, if stepped { self.high } else { number })
            }
        }
    }

    /// From the first to the last value, around the end where the first is greater.
    fn between(&self, first: u16, last: u16) -> Result<Walk, String> {
        if first <= last {
            return Ok((first..last + 1).chain(0..0));
        }
        if self.name == YEAR.name {
            return Err(format!("{first}-{last} ends before it begins"));
        }
        // From the second number of Sunday on there is nothing before the turn.
        Ok((first..self.turn + 1).chain(self.low..last + 1))
    }

    /// `H`, `H(a-b)`, with or without a step, where `range` is what follows the letter.
    fn spread(&self, range: &str, step: Option<usize>, spread: Spread<'_>) -> Result<Item, String> {
        let range = match range.strip_prefix('(').and_then(|range| range.strip_suffix(')')) {
            Some(range) => self.range(range, false)?,
            None if !range.is_empty() => return Err(format!("`H{range}` is not H, H(a-b), H/n or H(a-b)/n")),
            None if self.name == YEAR.name && step.is_none() => {
                return Err("H alone could pick a year that is over: write H(2030-2040)".to_owned());
            }
            None => self.between(self.low, self.spread_high)?,
        };
        let choices = range.clone().count();
        let item = |skip, step, most| Item { range, skip, step, most, recurring: false, spread: true };
        match step {
            None => Ok(item(spread.pick(self.name, choices), 1, 1)),
            Some(step) if step > choices => {
                Err(format!("a step of {step} is wider than the {choices} values it walks over"))
            }
            Some(step) => Ok(item(spread.pick(self.name, step), step, usize::MAX)),
        }
    }

    /// A number or a name of this field, as written (before [`Part::meaning`]).
    fn number(&self, text: &str) -> Result<u16, String> {
        if let Some(index) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.low + u16::try_from(index).unwrap_or(0));
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().unwrap_or(u16::MAX) } else { return Err(self.refusal(text)) };
        if (self.low..=self.high).contains(&number) { Ok(number) } else { Err(self.refusal(text)) }
    }

    /// A number or a name of this field, as used inside.
    pub(super) fn value(&self, text: &str) -> Result<u16, String> {
        self.number(text).map(self.meaning)
    }

    fn refusal(&self, text: &str) -> String {
        let names = match self.names {
            [first, .., last] => format!(" or {first}-{last}"),
            _ => String::new(),
        };
        format!("`{text}` is not {}-{}{names}, a range a-b, a step */n, * or H", self.low, self.high)
    }

    fn step(&self, text: &str) -> Result<usize, String> {
        let step = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse::<u16>().unwrap_or(0) } else { 0 };
        if step == 0 {
            return Err(format!(
                "a step of `{text}` is not a number from 1 up, like */15 for every 15th {}",
                self.name
            ));
        }
        Ok(usize::from(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(part: &Part, text: &str) -> Result<Vec<u16>, String> {
        let list = parse(part, text, Spread::of_job("backup"), plain).map_err(|error| error.to_string())?;
        let base = if part.name == YEAR.name { FIRST_YEAR } else { 0 };
        Ok(list.values.numbers().map(|value| base + value).collect())
    }

    #[test]
    fn reads_lists_ranges_steps_and_names() {
        let unix = week_day(Dialect::Unix);
        let quartz = week_day(Dialect::Quartz);
        for (part, text, values) in [
            (&MINUTE, "5", vec![5]),
            (&MINUTE, "05,5,1-3", vec![1, 2, 3, 5]),
            (&MINUTE, "*/20", vec![0, 20, 40]),
            (&MINUTE, "*/90", vec![0]),
            (&MINUTE, "10-30/10", vec![10, 20, 30]),
            (&MINUTE, "50/5", vec![50, 55]),
            (&MINUTE, "55-2", vec![0, 1, 2, 55, 56, 57, 58, 59]),
            (&HOUR, "22-2", vec![0, 1, 2, 22, 23]),
            (&HOUR, "22-4/3", vec![1, 4, 22]),
            (&MONTH_DAY, "30-2", vec![1, 2, 30, 31]),
            (&MONTH, "nov-FEB", vec![1, 2, 11, 12]),
            (&MONTH, "Jan,12", vec![1, 12]),
            (&unix, "0", vec![0]),
            (&unix, "7", vec![0]),
            (&unix, "0-7", vec![0, 1, 2, 3, 4, 5, 6]),
            (&unix, "5-7", vec![0, 5, 6]),
            (&unix, "FRI-MON", vec![0, 1, 5, 6]),
            (&unix, "fri-sun", vec![0, 5, 6]),
            (&unix, "sat-7", vec![0, 6]),
            (&unix, "7-2", vec![0, 1, 2]),
            (&unix, "1-5", vec![1, 2, 3, 4, 5]),
            (&unix, "*/2", vec![0, 2, 4, 6]),
            (&quartz, "1", vec![0]),
            (&quartz, "7", vec![6]),
            (&quartz, "2-6", vec![1, 2, 3, 4, 5]),
            (&quartz, "6-2", vec![0, 1, 5, 6]),
            (&quartz, "MON-FRI", vec![1, 2, 3, 4, 5]),
            (&YEAR, "2026-2032/3", vec![2026, 2029, 2032]),
        ] {
            assert_eq!(read(part, text), Ok(values), "{} {text}", part.name);
        }
    }

    #[test]
    fn refuses_with_advice() {
        let unix = week_day(Dialect::Unix);
        let quartz = week_day(Dialect::Quartz);
        for (part, text, advice) in [
            (&MINUTE, "60", "0-59"),
            (&MINUTE, "", "0-59"),
            (&MINUTE, "1,,2", "0-59"),
            (&MINUTE, "-1", "0-59"),
            (&MINUTE, "1-", "0-59"),
            (&MINUTE, "99999999999", "0-59"),
            (&MINUTE, "*/0", "from 1 up"),
            (&MINUTE, "*/", "from 1 up"),
            (&MINUTE, "*/-1", "from 1 up"),
            (&MINUTE, "*5", "0-59"),
            (&MINUTE, "?", "0-59"),
            (&MINUTE, "１", "0-59"),
            (&HOUR, "24", "0-23"),
            (&MONTH_DAY, "0", "1-31"),
            (&MONTH, "13", "JAN-DEC"),
            (&unix, "8", "SUN-SAT"),
            (&unix, "monday", "SUN-SAT"),
            (&quartz, "0", "1-7"),
            (&YEAR, "2030-2026", "ends before it begins"),
            (&YEAR, "H", "H(2030-2040)"),
            (&MINUTE, "Hx", "H(a-b)"),
            (&MINUTE, "H(", "H(a-b)"),
            (&MINUTE, "H(61)", "0-59"),
            (&HOUR, "H/25", "wider than the 24 values"),
        ] {
            let message = read(part, text).unwrap_err();
            assert!(message.contains(advice) && message.contains(part.name), "{text}: {message}");
        }
    }

    #[test]
    fn spreads_within_what_is_asked() {
        let quartz = week_day(Dialect::Quartz);
        for job in 0..200 {
            let name = format!("job-{job}");
            let read = |part, text| {
                let values = parse(part, text, Spread::of_job(&name), plain).unwrap().values;
                values.numbers().collect::<Vec<_>>()
            };
            let minute = read(&MINUTE, "H(20-29)");
            assert!(minute.len() == 1 && (20..=29).contains(&minute[0]), "{minute:?}");
            let every = read(&MINUTE, "H/15");
            assert!(every.len() == 4 && every[0] < 15 && every.windows(2).all(|w| w[1] - w[0] == 15), "{every:?}");
            let within = read(&MINUTE, "H(0-29)/10");
            assert!(within.len() == 3 && within[0] < 10 && within[2] < 30, "{within:?}");
            assert!(read(&MONTH_DAY, "H")[0] <= 28);
            assert!(read(&quartz, "H(MON-FRI)").iter().all(|day| (1..=5).contains(day)));
            assert_eq!(read(&HOUR, "H/1").len(), 24);
        }
    }
}
