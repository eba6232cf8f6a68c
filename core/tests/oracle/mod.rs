//! A second, slow meaning of cron rules to hold the real one against: a rule is a predicate on wall clock readings, and
//! a clock that is walked step by step shows which readings there are, are left out, and come twice.
//!
//! Nothing here is shared with the code under test but the names of its types; zones are asked directly of jiff.

use std::collections::BTreeMap;

use cronbus_core::schedule::{Dst, Fold, Gap, Moved};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// One item of a list, on values from `low` to `high`.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Star,
    StarStep(i16),
    One(i16),
    Range(i16, i16),
    RangeStep(i16, i16, i16),
    From(i16, i16),
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) low: i16,
    pub(crate) high: i16,
    pub(crate) items: Vec<Item>,
}

impl Field {
    pub(crate) fn contains(&self, value: i16) -> bool {
        let cycle = self.high - self.low + 1;
        let ahead = |from: i16, to: i16| (to - from).rem_euclid(cycle);
        self.items.iter().any(|item| match *item {
            Item::Star => true,
            Item::StarStep(step) => (value - self.low) % step == 0,
            Item::One(one) => value == one,
            Item::Range(first, last) => ahead(first, value) <= ahead(first, last),
            Item::RangeStep(first, last, step) => {
                ahead(first, value) <= ahead(first, last) && ahead(first, value) % step == 0
            }
            Item::From(first, step) => value >= first && (value - first) % step == 0,
        })
    }

    fn recurs(&self) -> bool {
        self.items.iter().any(|item| !matches!(item, Item::One(_) | Item::Range(..)))
    }

    pub(crate) fn text(&self) -> String {
        let item = |item: &Item| match *item {
            Item::Star => "*".to_owned(),
            Item::StarStep(step) => format!("*/{step}"),
            Item::One(one) => format!("{one}"),
            Item::Range(first, last) => format!("{first}-{last}"),
            Item::RangeStep(first, last, step) => format!("{first}-{last}/{step}"),
            Item::From(first, step) => format!("{first}/{step}"),
        };
        self.items.iter().map(item).collect::<Vec<_>>().join(",")
    }
}

#[derive(Clone, Debug)]
pub(crate) enum MonthDay {
    Numbers(Field),
    Last,
    BeforeLast(i8),
    LastWorkday,
    Nearest(i8),
}

#[derive(Clone, Debug)]
pub(crate) enum WeekDay {
    Numbers(Field),
    Last(i8),
    Nth(i8, i8),
}

fn sunday_first(date: Date) -> i8 {
    date.weekday().to_sunday_zero_offset()
}

fn is_workday(date: Date) -> bool {
    (1..=5).contains(&sunday_first(date))
}

impl MonthDay {
    fn contains(&self, date: Date) -> bool {
        let length = date.days_in_month();
        let day = |number| Date::new(date.year(), date.month(), number).unwrap();
        match *self {
            Self::Numbers(ref field) => field.contains(i16::from(date.day())),
            Self::Last => date.day() == length,
            Self::BeforeLast(days) => date.day() + days == length,
            Self::LastWorkday => (1..=length).rev().map(day).find(|day| is_workday(*day)) == Some(date),
            // The nearest of all workdays of the month; a Saturday is nearer to Friday, a Sunday to Monday.
            Self::Nearest(number) => {
                number <= length
                    && (1..=length).map(day).filter(|day| is_workday(*day)).min_by_key(|day| (day.day() - number).abs())
                        == Some(date)
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Numbers(field) => field.text(),
            Self::Last => "L".to_owned(),
            Self::BeforeLast(days) => format!("L-{days}"),
            Self::LastWorkday => "LW".to_owned(),
            Self::Nearest(day) => format!("{day}W"),
        }
    }
}

impl WeekDay {
    fn contains(&self, date: Date) -> bool {
        match *self {
            Self::Numbers(ref field) => field.contains(i16::from(sunday_first(date))),
            Self::Last(day) => sunday_first(date) == day && date.day() + 7 > date.days_in_month(),
            Self::Nth(day, nth) => sunday_first(date) == day && (date.day() + 6) / 7 == nth,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Numbers(field) => field.text(),
            Self::Last(day) => format!("{day}L"),
            Self::Nth(day, nth) => format!("{day}#{nth}"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Absent in a rule of five fields.
    pub(crate) second: Option<Field>,
    pub(crate) minute: Field,
    pub(crate) hour: Field,
    pub(crate) month_day: MonthDay,
    pub(crate) month: Field,
    pub(crate) week_day: WeekDay,
}

impl Rule {
    pub(crate) fn text(&self) -> String {
        let seconds = self.second.as_ref().map(|field| field.text() + " ").unwrap_or_default();
        let (minute, hour, month) = (self.minute.text(), self.hour.text(), self.month.text());
        format!("{seconds}{minute} {hour} {} {month} {}", self.month_day.text(), self.week_day.text())
    }

    pub(crate) fn matches(&self, reading: DateTime) -> bool {
        let second =
            self.second.as_ref().map_or(reading.second() == 0, |field| field.contains(reading.second().into()));
        second
            && self.minute.contains(reading.minute().into())
            && self.hour.contains(reading.hour().into())
            && self.matches_day(reading.date())
    }

    pub(crate) fn matches_day(&self, date: Date) -> bool {
        let star = |field: &Field| matches!(field.items.first(), Some(Item::Star | Item::StarStep(_)));
        let both = matches!(&self.month_day, MonthDay::Numbers(field) if star(field))
            || matches!(&self.week_day, WeekDay::Numbers(field) if star(field));
        let (of_month, of_week) = (|| self.month_day.contains(date), || self.week_day.contains(date));
        self.month.contains(date.month().into()) && if both { of_month() && of_week() } else { of_month() || of_week() }
    }

    fn recurs(&self) -> bool {
        self.minute.recurs() || self.hour.recurs()
    }
}

/// A zone's clock, walked.
pub(crate) struct Walk<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) zone: &'a TimeZone,
    pub(crate) dst: Dst,
    /// 60 for rules of five fields, where clocks differ from UTC by whole minutes; else 1.
    pub(crate) step: usize,
}

pub(crate) fn reading(local: i64) -> DateTime {
    Offset::UTC.to_datetime(jiff::Timestamp::from_second(local).unwrap())
}

impl Walk<'_> {
    fn offset(&self, at: i64) -> i64 {
        self.zone.to_offset(jiff::Timestamp::from_second(at).unwrap()).seconds().into()
    }

    fn gap(&self, seconds: i64) -> Gap {
        let like_cron = if !self.rule.recurs() && seconds < 10_800 { Gap::RunAfter } else { Gap::Skip };
        self.dst.gap.unwrap_or(like_cron)
    }

    fn fold(&self, seconds: i64) -> Fold {
        let like_cron = if !self.rule.recurs() && seconds < 10_800 { Fold::Once } else { Fold::Twice };
        self.dst.fold.unwrap_or(like_cron)
    }

    /// All fires in [from, to), in UTC seconds. Those near the ends may lack what lies beyond.
    pub(crate) fn fires(&self, from: i64, to: i64) -> BTreeMap<i64, Option<Moved>> {
        let mut fires = BTreeMap::new();
        let mut made_up = BTreeMap::new();
        let mut repeating = from..from;
        let mut offset = self.offset(from);
        for now in (from..to).step_by(self.step) {
            let moved = self.offset(now) - offset;
            if moved > 0 {
                self.make_up(now, offset, moved, &mut made_up);
            } else if moved < 0 {
                repeating = now..now - moved;
                fires.range_mut(now + moved..now).for_each(|(_, moved)| *moved = Some(Moved::FirstOfFold));
            }
            offset += moved;
            if !self.rule.matches(reading(now + offset)) {
                continue;
            }
            match repeating.contains(&now).then(|| self.fold(repeating.end - repeating.start)) {
                None => fires.insert(now, None),
                Some(Fold::Twice) => fires.insert(now, Some(Moved::SecondOfFold)),
                Some(Fold::Once) => None,
            };
        }
        made_up.into_iter().for_each(|(at, moved)| {
            fires.entry(at).or_insert(Some(moved));
        });
        fires
    }

    fn make_up(&self, now: i64, offset_before: i64, moved: i64, made_up: &mut BTreeMap<i64, Moved>) {
        let first = now + offset_before;
        let skipped = (first..first + moved).step_by(self.step).filter(|local| self.rule.matches(reading(*local)));
        for local in skipped {
            match self.gap(moved) {
                Gap::RunAfter => made_up.insert(now, Moved::AfterGap),
                Gap::Shift => made_up.insert(local - offset_before, Moved::Shifted),
                Gap::Skip => None,
            };
        }
    }
}
