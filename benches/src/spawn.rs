//! Shell runs with captured output, exit code and resource use, under shims and without, against bare spawn-and-wait of
//! the same command in the same process, one after the other in rounds so that all of them meet the same machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cronbus_actors::Ports;
use cronbus_adapters::runner::{Groups, ShimSettings};
use cronbus_core::id::JobId;
use cronbus_core::job::{Command, Definition, Job, JobName};
use cronbus_core::port::log::Subject;
use cronbus_core::port::runner::{Order, Stop};
use cronbus_core::run::Ending;
use cronbus_core::suite::samples;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::Handover;
use futures::StreamExt as _;
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use crate::{node, report};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many runs a round has.
    #[arg(long, default_value_t = 2_000)]
    runs: usize,
    /// How many rounds of each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many go on at a time.
    #[arg(long, default_value_t = 4)]
    concurrency: usize,
    /// The command.
    #[arg(long, default_value = "echo hello")]
    command: String,
    /// The executable `cronbus-shim`; the one beside this executable by default.
    #[arg(long)]
    shim: Option<std::path::PathBuf>,
    /// Hold this many MiB of touched memory meanwhile: what a fork would have to copy.
    #[arg(long, default_value_t = 0)]
    ballast_mib: usize,
}

#[derive(Debug, Serialize)]
struct Result {
    runs: usize,
    concurrency: usize,
    ballast_mib: usize,
    /// Under shims.
    shim: Side,
    /// In the charge of the node.
    inline: Side,
    bare: Side,
    /// Memory of a shim that has had runs, in KiB: resident, and the share that is its own.
    shim_rss_kib: u64,
    shim_pss_kib: u64,
}

#[derive(Debug, Serialize)]
struct Side {
    per_s: f64,
    /// What its rate is of the bare one's.
    ratio: f64,
    /// CPU time of one run in microseconds: all processes together, and this process alone.
    cpu_us: f64,
    own_cpu_us: f64,
    /// What the bare one's CPU time is of this one's: unlike the rates, other work on the machine hardly changes it.
    cpu_ratio: f64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let ballast = vec![1_u8; arguments.ballast_mib << 20];
    let folder = tempfile::tempdir()?;
    let result = node::on_a_system(measure(arguments, folder.path()))?;
    std::hint::black_box(&ballast);
    report::result(&result)
}

async fn measure(arguments: &Arguments, folder: &std::path::Path) -> anyhow::Result<Result> {
    let executable = match &arguments.shim {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("cronbus-shim"),
    };
    anyhow::ensure!(executable.exists(), "{}: build it by `cargo build --release -p cronbus`", executable.display());
    let shims = ShimSettings {
        executable,
        folder: folder.join("runs"),
        is_default: true,
        groups: Groups::none("not measured"),
    };
    let shimmed = ports(&folder.join("shim"), Some(shims))?;
    let inline = ports(&folder.join("inline"), None)?;
    let job = job(&arguments.command)?;
    let mut sides = [Taken::default(), Taken::default(), Taken::default()];
    for round in 0..=arguments.rounds {
        let mut told = Vec::new();
        for (index, side) in sides.iter_mut().enumerate() {
            let began = report::Cpu::used();
            let rate = match index {
                0 => ours_once(&shimmed, &job, round, arguments).await?,
                1 => ours_once(&inline, &job, round, arguments).await?,
                _ => bare_once(arguments).await?,
            };
            told.push(rate);
            // The first round warms up.
            if round > 0 {
                side.rates.push(rate);
                side.cpu = side.cpu + (report::Cpu::used() - began);
            }
        }
        report::say(&format!("round {round}: shim, inline, bare: {told:?} runs/s"));
    }
    let runs = arguments.runs * arguments.rounds;
    let [shim, inline, bare] = sides.map(|taken| (median(taken.rates), taken.cpu.micros_each(runs)));
    let (shim_rss_kib, shim_pss_kib) = report::memory_of_children();
    Ok(Result {
        runs: arguments.runs,
        concurrency: arguments.concurrency,
        ballast_mib: arguments.ballast_mib,
        shim: Side::beside(bare, shim),
        inline: Side::beside(bare, inline),
        bare: Side::beside(bare, bare),
        shim_rss_kib,
        shim_pss_kib,
    })
}

/// A rate, and the CPU time of one run: of this process, and of others.
type Figures = (f64, (f64, f64));

impl Side {
    fn beside(bare: Figures, (per_s, (own_cpu_us, others_cpu_us)): Figures) -> Self {
        let (bare_per_s, (bare_own_us, bare_others_us)) = bare;
        let cpu_us = own_cpu_us + others_cpu_us;
        let ratio = |value: f64| (value * 1e3).round() / 1e3;
        Self {
            per_s,
            ratio: ratio(per_s / bare_per_s),
            cpu_us,
            own_cpu_us,
            cpu_ratio: ratio((bare_own_us + bare_others_us) / cpu_us),
        }
    }
}

/// What the rounds of one side took.
#[derive(Clone, Debug, Default)]
struct Taken {
    rates: Vec<f64>,
    cpu: report::Cpu,
}

fn ports(folder: &std::path::Path, shims: Option<ShimSettings>) -> anyhow::Result<Ports> {
    std::fs::create_dir_all(folder)?;
    let store = Arc::new(cronbus_core::local::store::MemoryStore::default());
    node::ports_with(folder, store, node::clock()?, shims)
}

fn job(command: &str) -> anyhow::Result<Arc<Job>> {
    let definition = Definition::new(JobName::new("bench")?, Command::shell(command));
    Ok(Arc::new(Job::added(JobId(1), Arc::new(definition), "bench", Timestamp::EPOCH)))
}

async fn ours_once(ports: &Ports, job: &Arc<Job>, round: usize, arguments: &Arguments) -> anyhow::Result<f64> {
    let started = Instant::now();
    let numbers = (0..arguments.runs).map(|number| number + round * arguments.runs);
    let runs = futures::stream::iter(numbers).map(|number| one(ports, job, number));
    let mut runs = runs.buffer_unordered(arguments.concurrency);
    while let Some(ended) = runs.next().await {
        ended?;
    }
    Ok(report::rate(arguments.runs, started.elapsed().as_secs_f64()))
}

async fn one(ports: &Ports, job: &Arc<Job>, number: usize) -> anyhow::Result<()> {
    let due_at = Timestamp::from_millis(1_795_348_800_000 + i64::try_from(number)?);
    let assignment = samples::assignment(job, due_at, Handover::default());
    let log = ports.log.open(&Subject { run: assignment.run, job: job.definition.name.clone(), node: None }).await?;
    let (started, _told) = mpsc::channel(1);
    let (_stop, stop) = watch::channel(Stop::No);
    let order = Order {
        assignment: Arc::new(assignment),
        secrets: cronbus_core::secret::Values::default(),
        kill_grace: Duration::from_secs(1),
        output_limit: 1 << 20,
        log,
        started,
        stop,
    };
    let run = order.assignment.run;
    let outcome = ports.runner.run(order).await;
    ports.runner.settled(&[run]);
    anyhow::ensure!(outcome.ending == Ending::Succeeded, "{}", outcome.reason);
    Ok(())
}

/// The same shell and command, started and waited for by the standard library, output thrown away; as many threads as
/// ours has runs at a time.
async fn bare_once(arguments: &Arguments) -> anyhow::Result<f64> {
    let (runs, threads, command) = (arguments.runs, arguments.concurrency.max(1), arguments.command.clone());
    let work = move || -> anyhow::Result<f64> {
        let started = Instant::now();
        std::thread::scope(|scope| {
            let part = |index: usize| runs / threads + usize::from(index < runs % threads);
            let spawn = |index: usize| {
                let command = &command;
                scope.spawn(move || (0..part(index)).try_for_each(|_| bare_one(command)))
            };
            let handles: Vec<_> = (0..threads).map(spawn).collect();
            handles.into_iter().try_for_each(|handle| handle.join().unwrap_or_else(|_| anyhow::bail!("a thread died")))
        })?;
        Ok(report::rate(runs, started.elapsed().as_secs_f64()))
    };
    tokio::task::spawn_blocking(work).await?
}

fn bare_one(command: &str) -> anyhow::Result<()> {
    use std::process::Stdio;
    let mut shell = std::process::Command::new("/bin/sh");
    let shell = shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    anyhow::ensure!(shell.status()?.success(), "{command} failed");
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}
