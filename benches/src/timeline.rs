//! The timeline alone: memory a job, inserting, and draining what is due in one second.

use std::sync::Arc;
use std::time::Instant;

use cronbus_core::id::JobId;
use cronbus_core::schedule::{Dialect, Dst, Schedule, Settings};
use cronbus_core::time::Timestamp;
use cronbus_core::timeline::{Drained, Rule, Timeline};
use serde::Serialize;

use crate::report;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many jobs.
    #[arg(long, default_value_t = 10_000_000)]
    jobs: i64,
    /// How many of them are due in the second that is drained.
    #[arg(long, default_value_t = 1_000_000)]
    due: i64,
}

#[derive(Debug, Serialize)]
struct Result {
    jobs: i64,
    bytes_per_job: f64,
    estimated_bytes_per_job: f64,
    insert_ns_per_job: f64,
    drained: usize,
    drain_seconds: f64,
    drain_ns_per_slot: f64,
    slowest_batch_ms: f64,
}

/// A real rule, as the planner uses it.
struct Compiled(Schedule);

impl Rule for Compiled {
    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.0.next_after(after).map(|fire| fire.at)
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let noon = Timestamp::from_seconds(1_795_348_800);
    let just_before = Timestamp::from_seconds(noon.seconds() - 1);
    let before = report::resident_bytes();
    let mut timeline = Timeline::new();
    let inserting = Instant::now();
    for job in 0..arguments.jobs {
        // One part is due at noon, the others once an hour at one of 3,600 seconds.
        let rule = if job < arguments.due { "0 0 12 * * *".to_owned() } else { spread(job) };
        let index = timeline.intern(&rule, || Arc::new(compile(&rule)));
        timeline.insert(JobId(job + 1), index, just_before);
    }
    let inserted = inserting.elapsed().as_secs_f64();
    let resident = report::resident_bytes().saturating_sub(before);
    let (drained, seconds, slowest) = drain(&mut timeline, noon);
    report::result(&Result {
        jobs: arguments.jobs,
        bytes_per_job: resident as f64 / arguments.jobs as f64,
        estimated_bytes_per_job: timeline.memory_bytes() as f64 / arguments.jobs as f64,
        insert_ns_per_job: inserted * 1e9 / arguments.jobs as f64,
        drained,
        drain_seconds: seconds,
        drain_ns_per_slot: seconds * 1e9 / drained.max(1) as f64,
        slowest_batch_ms: slowest * 1e3,
    })
}

fn spread(job: i64) -> String {
    format!("{} {} * * * *", job % 60, job / 60 % 60)
}

fn compile(rule: &str) -> Compiled {
    let settings = Settings {
        dialect: Dialect::Unix,
        timezone: "UTC",
        dst: Dst::default(),
        anchor: Timestamp::EPOCH,
        name: "bench",
    };
    match Schedule::parse(rule, &settings) {
        Ok(schedule) => Compiled(schedule),
        Err(error) => unreachable!("{rule}: {error}"),
    }
}

/// Drains what is due at noon in batches of ten thousand.
fn drain(timeline: &mut Timeline<Arc<Compiled>>, noon: Timestamp) -> (usize, f64, f64) {
    let mut batch = Vec::with_capacity(10_000);
    let (mut count, mut slowest) = (0, 0.0_f64);
    let started = Instant::now();
    loop {
        batch.clear();
        let one = Instant::now();
        let left = timeline.drain(noon, 10_000, &mut batch);
        slowest = slowest.max(one.elapsed().as_secs_f64());
        count += batch.len();
        if left == Drained::All {
            return (count, started.elapsed().as_secs_f64(), slowest);
        }
    }
}
