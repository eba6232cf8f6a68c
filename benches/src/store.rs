//! Creating and recording runs in a store, in batches: rows a second, and what a row costs whom. Beside it, the same rows
//! inserted by the server's own client, as bare as can be.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use cronbus_adapters::store::{OpenOptions, open};
use cronbus_core::id::{Attempt, JobId, NodeName, Partition, Revision, Slot};
use cronbus_core::port::Store;
use cronbus_core::port::store::{Advance, Claim, Creation, Fence, Recording, Update};
use cronbus_core::run::{Ending, Event, Outcome, Run};
use cronbus_core::time::Timestamp;
use cronbus_servers::{Kind, Server};
use serde::Serialize;

use crate::report;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which store.
    #[arg(long, value_enum, default_value = "postgres")]
    store: Which,
    /// Rows in a batch.
    #[arg(long, default_value_t = 2_000)]
    batch: usize,
    /// How many batches.
    #[arg(long, default_value_t = 100)]
    batches: usize,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Which {
    Sqlite,
    Mysql,
    Postgres,
}

#[derive(Debug, Serialize)]
struct Result {
    store: String,
    batch: usize,
    rows: usize,
    create_per_s: f64,
    create_server_us: f64,
    create_own_us: f64,
    record_per_s: f64,
    record_server_us: f64,
    record_own_us: f64,
    bare_insert_per_s: f64,
    bare_insert_server_us: f64,
}

/// A database, and the server it is on if there is one.
struct Place {
    server: Option<Server>,
    url: String,
    _folder: tempfile::TempDir,
}

impl Place {
    fn of(which: Which) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = match which {
            Which::Sqlite => None,
            Which::Mysql => {
                Some(Server::start_with(Kind::MariaDb, &["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G"])?)
            }
            Which::Postgres => {
                Some(Server::start_with(Kind::PostgreSql, &["-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB"])?)
            }
        };
        let file = format!("sqlite://{}", folder.path().join("cronbus.db").display());
        let url = server.as_ref().map_or(file, Server::url);
        Ok(Self { server, url, _folder: folder })
    }

    /// The processor time of the server and its children so far, in microseconds.
    fn server_us(&self) -> u64 {
        let Some(pid) = self.server.as_ref().and_then(Server::pid) else { return 0 };
        let children = fs::read_dir("/proc").into_iter().flatten().flatten();
        let children = children.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let of_children: u64 = children.filter(|child| parent_of(*child) == Some(pid)).map(own_time_us).sum();
        own_time_us(pid) + of_children
    }
}

/// The fields of `/proc/PID/stat` after the name.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
}

fn parent_of(pid: u32) -> Option<u32> {
    u32::try_from(*stat(pid)?.get(1)?).ok()
}

/// User and system time, of the process and the children it has waited for; a tick is 10 ms.
fn own_time_us(pid: u32) -> u64 {
    stat(pid).and_then(|fields| Some(fields.get(11..15)?.iter().sum::<u64>() * 10_000)).unwrap_or(0)
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let place = Place::of(arguments.store)?;
    let options = OpenOptions { migrate: true, ..OpenOptions::default() };
    let store = open(&place.url, options)?;
    let batches = batches(arguments);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let claims = runtime.block_on(claim(&*store))?;
    report::say("creating");
    let create = measure(&place, || runtime.block_on(create(&store, &batches, &claims)))?;
    report::say("recording");
    let record = measure(&place, || runtime.block_on(record(&store, &batches, &claims)))?;
    report::say("inserting by the server's own client");
    let bare = bare(&place, arguments.store, &batches)?;
    let rows = arguments.batch * arguments.batches;
    let each = |microseconds: u64| (microseconds as f64 / rows as f64 * 100.0).round() / 100.0;
    report::result(&Result {
        store: format!("{:?}", arguments.store).to_lowercase(),
        batch: arguments.batch,
        rows,
        create_per_s: report::rate(rows, create.seconds),
        create_server_us: each(create.server_us),
        create_own_us: each(create.own_us),
        record_per_s: report::rate(rows, record.seconds),
        record_server_us: each(record.server_us),
        record_own_us: each(record.own_us),
        bare_insert_per_s: report::rate(rows, bare.seconds),
        bare_insert_server_us: each(bare.server_us),
    })
}

/// What some work took.
struct Cost {
    seconds: f64,
    server_us: u64,
    own_us: u64,
}

fn measure(place: &Place, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Cost> {
    let (started, server, own) = (Instant::now(), place.server_us(), own_time_us(std::process::id()));
    work()?;
    Ok(Cost {
        seconds: started.elapsed().as_secs_f64(),
        server_us: place.server_us().saturating_sub(server),
        own_us: own_time_us(std::process::id()).saturating_sub(own),
    })
}

/// A million jobs, each batch due 60 ms after the one before, as at 33,333 runs a second.
fn batches(arguments: &Arguments) -> Vec<Vec<Run>> {
    let due = |number: usize| Timestamp::from_millis(1_795_000_000_000 + 60 * number as i64);
    let run = |number: usize, row: usize| {
        let job = JobId(((number * arguments.batch + row) as i64 * 7_919) % 1_000_000 + 1);
        let slot = Slot::new(job, due(number));
        Run::new(slot.run_id(Attempt::FIRST), job, Revision(1), slot.due_at, due(number))
    };
    (0..arguments.batches).map(|number| (0..arguments.batch).map(|row| run(number, row)).collect()).collect()
}

async fn claim(store: &dyn Store) -> anyhow::Result<Vec<Claim>> {
    let all: Vec<Partition> = Partition::all().collect();
    Ok(store.claim_partitions(&all, &NodeName::new("bench")?, cronbus_core::id::Epoch(1)).await?)
}

async fn create(store: &Arc<dyn Store>, batches: &[Vec<Run>], claims: &[Claim]) -> anyhow::Result<()> {
    for runs in batches {
        let Some(watermark) = runs.first().map(|run| run.due_at) else { continue };
        let advance = |claim: &Claim| Advance { partition: claim.partition, epoch: claim.epoch, watermark };
        let advances = claims.iter().map(advance).collect();
        let created = store.create(&Creation { runs: runs.clone(), advances, ..Creation::default() }).await?;
        anyhow::ensure!(created.existing.is_empty(), "rows were there already");
    }
    Ok(())
}

async fn record(store: &Arc<dyn Store>, batches: &[Vec<Run>], claims: &[Claim]) -> anyhow::Result<()> {
    let node = NodeName::new("bench")?;
    let fence = |claim: &Claim| Fence { partition: claim.partition, epoch: claim.epoch };
    let fences: Vec<Fence> = claims.iter().map(fence).collect();
    for runs in batches {
        let end = |run: &Run| -> anyhow::Result<Update> {
            let mut ended = run.clone();
            let (started, over) = (run.due_at, run.due_at);
            ended.apply(Event::Assign { node: node.clone() })?;
            ended.apply(Event::End(Box::new(Outcome::bare(Ending::Succeeded, Some(started), over, ""))))?;
            Ok(Update { from: run.state, run: ended, next_attempt: None })
        };
        let updates = runs.iter().map(end).collect::<anyhow::Result<_>>()?;
        let recorded = store.record(&Recording { fences: fences.clone(), updates, ..Recording::default() }).await?;
        anyhow::ensure!(recorded.conflicts.is_empty(), "rows were in another state");
    }
    Ok(())
}

/// The same rows, in multi-row inserts of the same size, one transaction each, into the same table of a database beside.
fn bare(place: &Place, which: Which, batches: &[Vec<Run>]) -> anyhow::Result<Cost> {
    let none = Cost { seconds: f64::INFINITY, server_us: 0, own_us: 0 };
    let Some(server) = &place.server else { return Ok(none) };
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("rows.sql");
    fs::write(&script, "CREATE DATABASE bare;\n")?;
    client(server, which, "cronbus", &script)?;
    let (address, _) = place.url.rsplit_once('/').context("the URL of the server names no database")?;
    cronbus_adapters::store::migrate_up(&format!("{address}/bare"), OpenOptions::default())?;
    fs::write(&script, inserts(which, batches)?)?;
    measure(place, || client(server, which, "bare", &script))
}

fn inserts(which: Which, batches: &[Vec<Run>]) -> anyhow::Result<String> {
    let mut text = String::new();
    for runs in batches {
        text.push_str("INSERT INTO runs (id, job, partition_number, revision, due_at, created_at) VALUES ");
        for (place, run) in runs.iter().enumerate() {
            let separator = if place == 0 { "" } else { "," };
            let id: String = run.id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let id = if matches!(which, Which::Mysql) { format!("x'{id}'") } else { format!("'\\x{id}'") };
            let (job, partition, due) = (run.job, run.job.partition().0, run.due_at.millis());
            write!(text, "{separator}({id},{job},{partition},1,{due},{due})")?;
        }
        text.push_str(";\n");
    }
    Ok(text)
}

fn client(server: &Server, which: Which, database: &str, script: &std::path::Path) -> anyhow::Result<()> {
    let port = server.port().to_string();
    let mut command = match which {
        Which::Mysql => {
            let mut command = Command::new("mariadb");
            command.args(["--no-defaults", "-h127.0.0.1", "-uroot", "--max-allowed-packet=64M", "-P", &port, database]);
            command
        }
        Which::Postgres | Which::Sqlite => {
            let mut command = Command::new("psql");
            command.args(["-q", "-h", "127.0.0.1", "-U", "cronbus", "-p", &port, "-d", database]);
            command
        }
    };
    let ended = command.stdin(File::open(script)?).stdout(Stdio::null()).status()?;
    anyhow::ensure!(ended.success(), "the server's own client failed");
    Ok(())
}
