//! Parsing rules and finding the next moment, beside the crates that do the same: saffron (which ours is built on),
//! croner and cron. Each is asked the same rules in the form it understands, in UTC and in a zone with clock changes.

use std::hint::black_box;
use std::str::FromStr;
use std::time::Instant;

use chrono::{DateTime, TimeZone, Utc};
use cronbus_core::schedule::{Dialect, Dst, Schedule, Settings};
use cronbus_core::time::Timestamp;
use serde::Serialize;

use crate::report;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How often each rule is parsed and asked.
    #[arg(long, default_value_t = 20_000)]
    rounds: u32,
}

/// Rules that all four read alike (weekdays by name).
const RULES: [&str; 5] = ["* * * * *", "*/5 * * * *", "0 3 * * *", "30 4 1,15 * *", "0 9 * * MON-FRI"];

#[derive(Debug, Serialize)]
struct Result {
    rules: usize,
    parse_ns: Figures,
    next_ns: Figures,
    next_in_new_york_ns: f64,
}

#[derive(Debug, Serialize)]
struct Figures {
    ours: f64,
    saffron: f64,
    croner: f64,
    cron: f64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let rounds = arguments.rounds;
    let start = Utc.timestamp_opt(1_795_348_811, 0).single().unwrap_or_default();
    report::result(&Result {
        rules: RULES.len(),
        parse_ns: Figures {
            ours: time(rounds, |rule| drop(black_box(ours(rule, "UTC")))),
            saffron: time(rounds, |rule| drop(black_box(saffron::Cron::from_str(rule)))),
            croner: time(rounds, |rule| drop(black_box(croner::Cron::from_str(rule)))),
            cron: time(rounds, |rule| drop(black_box(cron::Schedule::from_str(&seven(rule))))),
        },
        next_ns: Figures {
            ours: next_of_ours(rounds, "UTC", start),
            saffron: chain(
                rounds,
                |rule| {
                    let rule = saffron::Cron::from_str(rule).ok();
                    move |at| rule.as_ref().and_then(|rule| rule.next_after(at))
                },
                start,
            ),
            croner: chain(
                rounds,
                |rule| {
                    let rule = croner::Cron::from_str(rule).ok();
                    move |at| rule.as_ref().and_then(|rule| rule.find_next_occurrence(&at, false).ok())
                },
                start,
            ),
            cron: chain(
                rounds,
                |rule| {
                    let rule = cron::Schedule::from_str(&seven(rule)).ok();
                    move |at: DateTime<Utc>| rule.as_ref().and_then(|rule| rule.after(&at).next())
                },
                start,
            ),
        },
        next_in_new_york_ns: next_of_ours(rounds, "America/New_York", start),
    })
}

fn ours(rule: &str, timezone: &str) -> Option<Schedule> {
    let settings =
        Settings { dialect: Dialect::Unix, timezone, dst: Dst::default(), anchor: Timestamp::EPOCH, name: "bench" };
    Schedule::parse(rule, &settings).ok()
}

/// The cron crate wants seconds.
fn seven(rule: &str) -> String {
    format!("0 {rule} *")
}

/// Nanoseconds for doing `act` once to one rule.
fn time(rounds: u32, act: impl Fn(&str)) -> f64 {
    let started = Instant::now();
    for _ in 0..rounds {
        RULES.iter().for_each(|rule| act(rule));
    }
    nanoseconds(started, rounds)
}

/// Nanoseconds for one step from a moment to the next.
fn chain<N>(rounds: u32, make: impl Fn(&str) -> N, start: DateTime<Utc>) -> f64
where
    N: Fn(DateTime<Utc>) -> Option<DateTime<Utc>>,
{
    let rules: Vec<N> = RULES.iter().map(|rule| make(rule)).collect();
    let started = Instant::now();
    for next in &rules {
        let mut at = start;
        for _ in 0..rounds {
            at = black_box(next(at)).unwrap_or(start);
        }
    }
    nanoseconds(started, rounds)
}

fn next_of_ours(rounds: u32, timezone: &str, start: DateTime<Utc>) -> f64 {
    let rules: Vec<Schedule> = RULES.iter().filter_map(|rule| ours(rule, timezone)).collect();
    let start = Timestamp::from_millis(start.timestamp_millis());
    let started = Instant::now();
    for rule in &rules {
        let mut at = start;
        for _ in 0..rounds {
            at = black_box(rule.next_after(at)).map_or(start, |fire| fire.at);
        }
    }
    nanoseconds(started, rounds)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn nanoseconds(started: Instant, rounds: u32) -> f64 {
    (started.elapsed().as_nanos() as f64 / f64::from(rounds) / RULES.len() as f64).round()
}
