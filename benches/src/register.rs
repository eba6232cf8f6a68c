//! Adding a million jobs in bulk, then starting a node with them in the database: until its first slot is created.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cronbus_adapters::store::{Options, SqliteStore};
use cronbus_core::port::{Operations as _, Store};
use serde::Serialize;

use crate::{node, report};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many jobs.
    #[arg(long, default_value_t = 1_000_000)]
    jobs: usize,
}

#[derive(Debug, Serialize)]
struct Result {
    jobs: usize,
    register_seconds: f64,
    jobs_per_s: f64,
    first_slot_seconds: f64,
    all_loaded_seconds: f64,
    rss_bytes: u64,
    peak_rss_bytes: u64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let result = node::on_a_system(measure(arguments.jobs, folder.path()))?;
    report::result(&result)
}

async fn measure(count: usize, folder: &std::path::Path) -> anyhow::Result<Result> {
    let clock = node::clock()?;
    let path = folder.join("cronbus.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, Options::default())?);
    let jobs = (0..count).map(|number| node::noop(&format!("job-{number}"), &rule(number), None));
    let jobs = jobs.collect::<anyhow::Result<Vec<_>>>()?;
    report::say(&format!("adding {count} jobs"));
    let adding = Instant::now();
    node::add(&*store, &jobs, clock.now()).await?;
    let register_seconds = adding.elapsed().as_secs_f64();
    drop((jobs, store));
    report::say("starting with them");
    let starting = Instant::now();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, Options::default())?);
    let node = node::start(
        node::ports(folder, store, Arc::clone(&clock))?,
        8,
        Duration::from_millis(crate::e2e::LOOKAHEAD_MS),
    )
    .await?;
    let first_slot_seconds = until(&*node, "scheduler", "slots_total", 1, starting).await?;
    let all_loaded_seconds = until(&*node, "monitor", "jobs", count, starting).await?;
    let rss_bytes = report::resident_bytes();
    node.shut_down(Duration::ZERO).await;
    Ok(Result {
        jobs: count,
        register_seconds,
        jobs_per_s: report::rate(count, register_seconds),
        first_slot_seconds,
        all_loaded_seconds,
        rss_bytes,
        peak_rss_bytes: report::peak_resident_bytes(),
    })
}

/// One job in a thousand every second, the others once a day at one of 1,440 minutes.
fn rule(number: usize) -> String {
    if number.is_multiple_of(1_000) {
        "* * * * * *".to_owned()
    } else {
        format!("{} {} * * *", number % 60, number / 60 % 24)
    }
}

/// Seconds since `start` until a figure of an actor has reached `value`.
async fn until(
    node: &dyn cronbus_core::port::Operations,
    actor: &str,
    figure: &str,
    value: usize,
    start: Instant,
) -> anyhow::Result<f64> {
    loop {
        let actors = node.actors();
        let found = actors.iter().find(|status| status.name == actor).and_then(|status| status.counters.get(figure));
        if found.is_some_and(|found| usize::try_from(*found).unwrap_or(0) >= value) {
            return Ok(start.elapsed().as_secs_f64());
        }
        anyhow::ensure!(start.elapsed() < Duration::from_secs(120), "{actor} {figure} did not reach {value}");
        actix_rt::time::sleep(Duration::from_millis(2)).await;
    }
}
