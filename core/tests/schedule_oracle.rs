//! Schedules against the walked clock of `oracle`, in every zone of the database.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod oracle;

use std::collections::BTreeMap;

use cronbus_core::schedule::{Dst, Error, Fold, Gap, Moved, Schedule, Settings};
use cronbus_core::time::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use oracle::{Field, Item, MonthDay, Rule, Walk, WeekDay};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// 1973 to 2100: since then all clocks differ from UTC by whole minutes.
const YEARS: std::ops::Range<i64> = 94_694_400..4_102_444_800;

fn item(low: i16, high: i16) -> impl Strategy<Value = Item> {
    let value = low..=high;
    let step = 1..=high - low;
    prop_oneof![
        3 => Just(Item::Star),
        3 => step.clone().prop_map(Item::StarStep),
        4 => value.clone().prop_map(Item::One),
        2 => (value.clone(), value.clone()).prop_map(|(a, b)| Item::Range(a, b)),
        2 => (value.clone(), value.clone(), step.clone()).prop_map(|(a, b, step)| Item::RangeStep(a, b, step)),
        1 => (value, step).prop_map(|(a, step)| Item::From(a, step)),
    ]
}

fn field(low: i16, high: i16) -> impl Strategy<Value = Field> {
    prop::collection::vec(item(low, high), 1..4).prop_map(move |items| Field { low, high, items })
}

fn star(low: i16, high: i16) -> impl Strategy<Value = Field> {
    Just(Field { low, high, items: vec![Item::Star] })
}

/// Hours around the usual time of clock changes.
fn early_hour() -> impl Strategy<Value = Field> {
    prop::collection::vec((0..4_i16).prop_map(Item::One), 1..3).prop_map(|items| Field { low: 0, high: 23, items })
}

fn hour() -> impl Strategy<Value = Field> {
    prop_oneof![field(0, 23), early_hour(), star(0, 23)]
}

/// `d/n` runs on to 7, the second Sunday; the tests beside the code hold that.
fn week_numbers() -> impl Strategy<Value = Field> {
    field(0, 6).prop_map(|mut field| {
        field.items.retain(|item| !matches!(item, Item::From(..)));
        if field.items.is_empty() {
            field.items.push(Item::One(0));
        }
        field
    })
}

fn month_day() -> impl Strategy<Value = MonthDay> {
    prop_oneof![
        8 => field(1, 31).prop_map(MonthDay::Numbers),
        1 => Just(MonthDay::Last),
        1 => (1..=30_i8).prop_map(MonthDay::BeforeLast),
        1 => Just(MonthDay::LastWorkday),
        1 => (1..=31_i8).prop_map(MonthDay::Nearest),
        1 => (28..=31_i8).prop_map(MonthDay::Nearest),
    ]
}

fn week_day() -> impl Strategy<Value = WeekDay> {
    prop_oneof![
        6 => week_numbers().prop_map(WeekDay::Numbers),
        1 => (0..=6_i8).prop_map(WeekDay::Last),
        1 => (0..=6_i8, 1..=5_i8).prop_map(|(day, nth)| WeekDay::Nth(day, nth)),
    ]
}

/// Rules that fire often, so that windows of some days see them.
fn busy_rule() -> impl Strategy<Value = Rule> {
    let month_day = prop_oneof![4 => star(1, 31).prop_map(MonthDay::Numbers), 1 => month_day()];
    let week_day = prop_oneof![4 => star(0, 6).prop_map(WeekDay::Numbers), 1 => week_day()];
    let month = prop_oneof![6 => star(1, 12), 1 => field(1, 12)];
    (field(0, 59), hour(), month_day, month, week_day).prop_map(|(minute, hour, month_day, month, week_day)| Rule {
        second: None,
        minute,
        hour,
        month_day,
        month,
        week_day,
    })
}

/// Rules about days, once at noon.
fn day_rule() -> impl Strategy<Value = Rule> {
    let noon = |low, high, one| Field { low, high, items: vec![Item::One(one)] };
    let month = prop_oneof![star(1, 12), field(1, 12)];
    (month_day(), month, week_day()).prop_map(move |(month_day, month, week_day)| Rule {
        second: None,
        minute: noon(0, 59, 0),
        hour: noon(0, 23, 12),
        month_day,
        month,
        week_day,
    })
}

fn dst() -> impl Strategy<Value = Dst> {
    let gap = prop::option::of(prop_oneof![Just(Gap::RunAfter), Just(Gap::Skip), Just(Gap::Shift)]);
    let fold = prop::option::of(prop_oneof![Just(Fold::Once), Just(Fold::Twice)]);
    (gap, fold).prop_map(|(gap, fold)| Dst { gap, fold })
}

fn any<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

fn zones() -> Vec<(String, TimeZone)> {
    let names = TimeZoneDatabase::bundled();
    names.available().map(|name| (name.to_string(), names.get(name.as_str()).unwrap())).collect()
}

/// A change of the zone's clock; any instant where there is none.
fn some_change(runner: &mut TestRunner, zone: &TimeZone) -> i64 {
    let around = any(runner, &YEARS);
    let start = jiff::Timestamp::from_second(around).unwrap();
    let last_before = || zone.preceding(start).next().map(|change| change.timestamp().as_second());
    let change = zone.following(start).next().map(|change| change.timestamp().as_second()).or_else(last_before);
    change.filter(|change| YEARS.contains(change)).unwrap_or(around - around % 60)
}

/// The schedule's fires in [from, to), and its answers at instants in between.
fn check(walk: &Walk<'_>, zone: &str, expected: &BTreeMap<i64, Option<Moved>>, (from, to): (i64, i64)) {
    let rule = walk.rule.text();
    let settings = Settings { timezone: zone, dst: walk.dst, ..Settings::default() };
    let schedule = match Schedule::parse(&rule, &settings) {
        Ok(schedule) => schedule,
        Err(Error::NeverFires { .. }) if expected.is_empty() => return,
        Err(error) => panic!("{rule} in {zone}: {error}"),
    };
    let fires = schedule.fires(Timestamp::from_seconds(from - 1)).map(|fire| (fire.at.seconds(), fire.moved));
    let fires: Vec<_> = fires.take_while(|(at, _)| *at < to).collect();
    let wanted: Vec<_> = expected.range(from..to).map(|(at, moved)| (*at, *moved)).collect();
    let show = |fires: &[(i64, Option<Moved>)], others: &[(i64, Option<Moved>)]| {
        let only: Vec<_> = fires.iter().filter(|fire| !others.contains(fire)).take(5).collect();
        only.iter().map(|(at, moved)| format!("{} {moved:?}", Timestamp::from_seconds(*at))).collect::<Vec<_>>()
    };
    assert!(
        fires == wanted,
        "{rule} in {zone} with {:?}: too much {:?}, too little {:?}",
        walk.dst,
        show(&fires, &wanted),
        show(&wanted, &fires)
    );
    let apart = usize::try_from((to - from) / 23).unwrap();
    for after in (from..to).step_by(apart) {
        let next = schedule.next_after(Timestamp::from_seconds(after)).map(|fire| fire.at.seconds());
        let wanted = expected.range(after + 1..to).next().map(|(at, _)| *at);
        assert_eq!(next.filter(|at| *at < to), wanted, "{rule} in {zone} after {}", Timestamp::from_seconds(after));
    }
}

#[test]
fn every_zone_minute_by_minute_around_its_changes() {
    let mut runner = TestRunner::default();
    for (name, zone) in zones() {
        for _ in 0..2 {
            let (rule, dst) = any(&mut runner, &(busy_rule(), dst()));
            let change = some_change(&mut runner, &zone);
            let walk = Walk { rule: &rule, zone: &zone, dst, step: 60 };
            let fires = walk.fires(change - 8 * HOUR, change + 31 * HOUR);
            check(&walk, &name, &fires, (change - 4 * HOUR, change + 27 * HOUR));
        }
    }
}

#[test]
fn every_zone_second_by_second_around_its_changes() {
    let mut runner = TestRunner::default();
    let seconds = (busy_rule(), field(0, 59)).prop_map(|(rule, second)| Rule { second: Some(second), ..rule });
    for (name, zone) in zones() {
        let (rule, dst) = any(&mut runner, &(&seconds, dst()));
        let change = some_change(&mut runner, &zone);
        let walk = Walk { rule: &rule, zone: &zone, dst, step: 1 };
        let fires = walk.fires(change - 2 * HOUR, change + HOUR + HOUR / 2);
        check(&walk, &name, &fires, (change - HOUR, change + HOUR));
    }
}

#[test]
fn rare_rules_over_decades() {
    let mut runner = TestRunner::default();
    let zones = zones();
    for _ in 0..12 {
        let (name, zone) = any(&mut runner, &prop::sample::select(zones.clone()));
        let (rule, dst, day, month) = any(&mut runner, &(busy_rule(), dst(), 1..=31_i16, 1..=12_i16));
        let one = |low, high, value| Field { low, high, items: vec![Item::One(value)] };
        let rule = Rule {
            month_day: MonthDay::Numbers(one(1, 31, day)),
            month: one(1, 12, month),
            week_day: WeekDay::Numbers(Field { low: 0, high: 6, items: vec![Item::Star] }),
            ..rule
        };
        let walk = Walk { rule: &rule, zone: &zone, dst, step: 60 };
        let mut fires = BTreeMap::new();
        for year in 1975..2005 {
            // Days that do not exist are walked as the day after.
            let date =
                jiff::civil::date(year, i8::try_from(month).unwrap(), 1).checked_add(jiff::Span::new().days(day - 1));
            let noon = date.unwrap().at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
            fires.extend(walk.fires(noon - 48 * HOUR, noon + 48 * HOUR));
        }
        let in_years =
            |year: i16| jiff::civil::date(year, 1, 3).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
        fires.retain(|at, _| (in_years(1975)..in_years(2004)).contains(at));
        check(&walk, &name, &fires, (in_years(1975), in_years(2004)));
    }
}

#[test]
fn days_over_years() {
    let mut runner = TestRunner::default();
    let utc = TimeZone::UTC;
    for _ in 0..200 {
        let (rule, first_year) = any(&mut runner, &(day_rule(), 0..220_i64));
        let walk = Walk { rule: &rule, zone: &utc, dst: Dst::default(), step: 60 };
        let first_noon = first_year * 365 * DAY + DAY / 2;
        let noons = (0..8 * 365).map(|day| first_noon + day * DAY);
        let fires = noons.filter(|noon| rule.matches(oracle::reading(*noon))).map(|noon| (noon, None)).collect();
        check(&walk, "UTC", &fires, (first_noon, first_noon + 8 * 365 * DAY));
    }
}
