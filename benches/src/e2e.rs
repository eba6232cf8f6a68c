//! No-op runs end to end: due, guarded, made durable, handed over the bus, spooled, executed, reported, recorded.
//!
//! With `--runs N`, N jobs are due at one instant. With `--rate R --seconds S`, R jobs are due every second, spread over
//! it, whether or not the node keeps up (an open loop). Beside it, in the same process and on the same disk, the bare
//! rate at which the same rows can be inserted into the same kind of store.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use cronbus_adapters::store::{Options, SqliteStore};
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::store::{Creation, Page, RunFilter};
use cronbus_core::port::{Clock, Operations as _, Store};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;
use serde::Serialize;

use crate::{node, report};

/// What a node does unless it is told otherwise.
pub(crate) const LOOKAHEAD_MS: u64 = 2_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the truth is.
    #[arg(long, value_enum, default_value = "embedded")]
    mode: Mode,
    /// So many slots due at once.
    #[arg(long, conflicts_with_all = ["rate", "seconds"])]
    runs: Option<usize>,
    /// So many slots due every second, spread over it.
    #[arg(long, default_value_t = 10_000)]
    rate: usize,
    /// For so long.
    #[arg(long, default_value_t = 10)]
    seconds: usize,
    /// How long before they are due slots are created and handed over, in milliseconds.
    #[arg(long, default_value_t = LOOKAHEAD_MS)]
    lookahead_ms: u64,
    /// Keep everything in this folder; a temporary one by default.
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
}

impl Arguments {
    /// `runs` slots at once, with the truth in memory.
    pub(crate) const fn at_once_in_memory(runs: usize, lookahead_ms: u64) -> Self {
        Self { mode: Mode::Memory, runs: Some(runs), rate: 0, seconds: 0, lookahead_ms, folder: None }
    }
}

/// Where the truth is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// In SQLite, durable.
    Embedded,
    /// In memory: what is left when the database costs nothing.
    Memory,
}

#[derive(Debug, Serialize)]
pub(crate) struct Result {
    mode: &'static str,
    runs: usize,
    lookahead_ms: u64,
    seconds: f64,
    runs_per_s: f64,
    store_insert_per_s: f64,
    ratio: f64,
    lateness_p50_ms: i64,
    lateness_p99_ms: i64,
    lateness_max_ms: i64,
    rss_bytes: u64,
    lost: usize,
    doubled: usize,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    let result = node::on_a_system(measure(arguments, &folder))?;
    report::result(&result)
}

async fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<Result> {
    let clock = node::clock()?;
    let store = open(arguments.mode, &folder.join("cronbus.db"))?;
    let plan = Plan::of(arguments, clock.now());
    report::say(&format!("adding {} jobs", plan.jobs));
    plan.add_jobs(&*store).await?;
    let lookahead = Duration::from_millis(arguments.lookahead_ms);
    let node = node::start(node::ports(folder, Arc::clone(&store), Arc::clone(&clock))?, 8, lookahead).await?;
    if clock.now() + lookahead > plan.first {
        anyhow::bail!("adding the jobs took too long: nothing would be on time");
    }
    report::say(&format!("{} slots are due from {} on", plan.slots, plan.first));
    let ended = wait(&*node, &*clock, &plan).await;
    let rss_bytes = report::resident_bytes();
    node.shut_down(Duration::from_secs(5)).await;
    let rows = read_all(&*store, &plan).await?;
    let seconds = ended.since(plan.first).as_secs_f64();
    let bare = bare_insert_rate(arguments.mode, &folder.join("bare.db"), &rows).await?;
    let result = sum_up(arguments.mode, &plan, &rows, seconds, bare, rss_bytes);
    Ok(Result { lookahead_ms: arguments.lookahead_ms, ..result })
}

fn open(mode: Mode, path: &Path) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match mode {
        Mode::Embedded => Arc::new(SqliteStore::open(path, Options::default())?),
        Mode::Memory => Arc::new(MemoryStore::default()),
    })
}

/// What is due when.
struct Plan {
    jobs: usize,
    slots: usize,
    /// The first due instant that counts.
    first: Timestamp,
    /// Slots due after this do not count.
    last: Timestamp,
    at_once: bool,
}

impl Plan {
    fn of(arguments: &Arguments, now: Timestamp) -> Self {
        let jobs = arguments.runs.unwrap_or(arguments.rate);
        // Adding jobs runs at some hundred thousand a second; starting reads them again.
        let setup = Duration::from_secs(5 + jobs as u64 / 50_000) + Duration::from_millis(arguments.lookahead_ms);
        let first = Timestamp::from_seconds((now + setup).seconds());
        let (slots, last) = match arguments.runs {
            Some(runs) => (runs, first),
            None => {
                let period = Duration::from_millis(1_000 * arguments.seconds as u64 - 1);
                (arguments.rate * arguments.seconds, first + period)
            }
        };
        Self { jobs, slots, first, last, at_once: arguments.runs.is_some() }
    }

    /// At once: one instant. Otherwise every second, in a hundred phases.
    async fn add_jobs(&self, store: &dyn Store) -> anyhow::Result<()> {
        let phases = if self.at_once { 1 } else { self.jobs.clamp(1, 100) };
        let schedule = if self.at_once { format!("@at {}", self.first) } else { "@every 1s".to_owned() };
        for phase in 0..phases {
            let numbers = (phase..self.jobs).step_by(phases);
            let until = Some(self.last + Duration::from_millis(1));
            let jobs = numbers.map(|number| node::noop(&format!("job-{number}"), &schedule, until));
            let jobs = jobs.collect::<anyhow::Result<Vec<_>>>()?;
            // The anchor of `@every` is the instant of adding: its phase is the job's.
            let offset = Duration::from_millis(1_000 * phase as u64 / phases as u64);
            let at =
                if self.at_once { self.first - Duration::from_secs(60) } else { self.first - Duration::from_secs(1) };
            node::add(store, &jobs, at + offset).await?;
        }
        Ok(())
    }
}

/// Waits until everything that counts has ended and is recorded; returns when that was.
async fn wait(node: &dyn cronbus_core::port::Operations, clock: &dyn Clock, plan: &Plan) -> Timestamp {
    let patience = plan.last + Duration::from_secs(60);
    loop {
        let (ended, unrecorded) = progress(node);
        if (ended >= plan.slots && unrecorded == 0) || clock.now() > patience {
            report::say(&format!("{ended} ended, {unrecorded} of them not recorded, at {}", clock.now()));
            return clock.now();
        }
        clock.sleep(Duration::from_millis(5)).await;
    }
}

/// How many runs have ended, and how many rows the dispatcher still has in hand.
fn progress(node: &dyn cronbus_core::port::Operations) -> (usize, usize) {
    let actors = node.actors();
    let dispatcher = actors.iter().find(|actor| actor.name == "dispatcher");
    let figure = |name: &str| {
        let value = dispatcher.and_then(|actor| actor.counters.get(name)).copied();
        usize::try_from(value.unwrap_or(0)).unwrap_or(0)
    };
    (figure("succeeded_total"), figure("active"))
}

async fn read_all(store: &dyn Store, plan: &Plan) -> anyhow::Result<Vec<Run>> {
    let filter =
        RunFilter { from: Some(plan.first), until: Some(plan.last + Duration::from_millis(1)), ..RunFilter::default() };
    let mut rows = Vec::with_capacity(plan.slots);
    let mut after = None;
    loop {
        let (page, next) = store.runs(&filter, &Page { after, limit: 20_000 }).await?;
        rows.extend(page);
        match next {
            Some(next) => after = Some(next),
            None => return Ok(rows),
        }
    }
}

/// How fast the same rows can be inserted into a fresh store of the same kind, ten thousand at a time.
async fn bare_insert_rate(mode: Mode, path: &Path, rows: &[Run]) -> anyhow::Result<f64> {
    let store = open(mode, path)?;
    let waiting = |run: &Run| Run::new(run.id, run.job, run.revision, run.due_at, run.created_at);
    let batches: Vec<Creation> = rows
        .iter()
        .rev()
        .map(waiting)
        .collect::<Vec<_>>()
        .chunks(10_000)
        .map(|runs| Creation { runs: runs.to_vec(), advances: Vec::new() })
        .collect();
    let started = Instant::now();
    for batch in &batches {
        store.create(batch).await?;
    }
    Ok(report::rate(rows.len(), started.elapsed().as_secs_f64()))
}

fn sum_up(mode: Mode, plan: &Plan, rows: &[Run], seconds: f64, bare: f64, rss_bytes: u64) -> Result {
    let slots: HashSet<_> = rows.iter().map(|run| (run.job, run.due_at)).collect();
    let succeeded = rows.iter().filter(|run| run.state == State::Succeeded).count();
    let mut lateness: Vec<i64> = rows.iter().filter_map(Run::lateness_ms).collect();
    lateness.sort_unstable();
    let runs_per_s = report::rate(succeeded, seconds);
    Result {
        mode: if mode == Mode::Embedded { "embedded" } else { "memory" },
        runs: succeeded,
        lookahead_ms: 0,
        seconds,
        runs_per_s,
        store_insert_per_s: bare,
        ratio: (runs_per_s / bare.max(1.0) * 1e4).round() / 1e4,
        lateness_p50_ms: report::percentile(&lateness, 50),
        lateness_p99_ms: report::percentile(&lateness, 99),
        lateness_max_ms: lateness.last().copied().unwrap_or(0),
        rss_bytes,
        lost: plan.slots.saturating_sub(succeeded),
        doubled: rows.len() - slots.len(),
    }
}
