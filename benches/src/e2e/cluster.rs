//! A cluster on this machine: NATS, etcd, Redis and a database server with their defaults for durability, one node that
//! decides and one that executes, each a process of its own.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use cronbus_adapters::store::{self, OpenOptions};
use cronbus_core::id::Partition;
use cronbus_core::port::{Clock, Store};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use cronbus_servers::{Cluster, Kind, NodePlan, Plan as ClusterPlan, Server};
use serde::Serialize;

use super::arguments::{Arguments, Database};
use super::plan::Plan;
use super::processes::CpuSeconds;
use super::rows::{Result, bare_insert_rate, read_all, sum_up};
use crate::{node, report};

/// The result of a cluster: that of one node, with the memory of both nodes, and who used how much of the processors.
#[derive(Debug, Serialize)]
struct ClusterResult {
    #[serde(flatten)]
    result: Result,
    store: &'static str,
    /// From the first due moment to the last durable outcome.
    cpu_seconds: CpuSeconds,
    runs_per_core_s: f64,
}

/// How many rows the bare insert has: enough to be past the beginning, few enough not to take longer than the rest.
const BARE_ROWS: usize = 300_000;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let kind = match arguments.store {
        Database::Mysql => Kind::MariaDb,
        Database::Postgres => Kind::PostgreSql,
    };
    let mut cluster = Cluster::prepare(cluster_plan(arguments, kind)?)?;
    let store = store::open(&cluster.database.url(), OpenOptions::default())?;
    let (result, rows) = node::on_a_system(measure(arguments, &mut cluster, &*store))?;
    drop((store, cluster));
    let bare = Server::start_with(kind, &server_arguments(kind))?;
    report::say("inserting the same rows into an empty database");
    store::migrate_up(&bare.url(), OpenOptions::default())?;
    let store = store::open(&bare.url(), OpenOptions::default())?;
    let bare_rate = node::on_a_system(bare_insert_rate(&*store, rows.get(..BARE_ROWS).unwrap_or(&rows)))?;
    report::result(&ClusterResult { result: result.result.beside(bare_rate), ..result })
}

/// The caches that a server of a database gets on a machine of its own; how durable it is stays as it is by default.
fn server_arguments(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::MariaDb => vec!["--innodb-buffer-pool-size=2G", "--innodb-log-file-size=2G"],
        Kind::PostgreSql => vec!["-c", "shared_buffers=2GB", "-c", "max_wal_size=8GB"],
        Kind::Nats | Kind::Etcd | Kind::Redis => Vec::new(),
    }
}

fn cluster_plan(arguments: &Arguments, kind: Kind) -> anyhow::Result<ClusterPlan> {
    let nodes = vec![
        NodePlan::new("deciding", &["scheduler", "dispatcher", "monitor", "web"]),
        NodePlan::new("executing", &["executor"]),
    ];
    let mut plan = ClusterPlan::new(executable(arguments)?, kind, nodes);
    plan.database_arguments = server_arguments(kind).into_iter().map(str::to_owned).collect();
    let lookahead = arguments.lookahead_ms;
    plan.configuration = format!(
        "[executor]\nqueue = 4000000\n[monitor]\nrefresh = \"5s\"\n[scheduler]\nlookahead = \"{lookahead}ms\"\n"
    );
    Ok(plan)
}

fn executable(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("cronbus");
    let executable = arguments.executable.clone().unwrap_or(beside);
    executable.canonicalize().with_context(|| {
        format!("{} is not there; build it with `cargo build --release -p cronbus`", executable.display())
    })
}

async fn measure(
    arguments: &Arguments,
    cluster: &mut Cluster,
    store: &dyn Store,
) -> anyhow::Result<(ClusterResult, Vec<Run>)> {
    let clock = node::clock()?;
    let plan = Plan::of(arguments, clock.now(), Duration::from_secs(15));
    report::say(&format!("adding {} jobs", plan.jobs));
    plan.add_jobs(store).await?;
    for node in &mut cluster.nodes {
        node.launch()?;
    }
    cluster.wait_for_members()?;
    if clock.now() + Duration::from_secs(3) > plan.first {
        anyhow::bail!("adding the jobs took too long: nothing would be on time");
    }
    report::say(&format!("{} slots are due from {} on", plan.slots, plan.first));
    clock.sleep(plan.first.since(clock.now())).await;
    let before = cpu_seconds(cluster);
    let ended = wait(store, &*clock, &plan).await?;
    let cpu_seconds = cpu_seconds(cluster).since(&before);
    let processes = cluster.nodes.iter().filter_map(|node| node.pid());
    let rss_bytes = processes.map(report::resident_bytes_of).sum();
    let rows = read_all(store, &plan).await?;
    let seconds = ended.since(plan.first).as_secs_f64();
    let result = sum_up(arguments.mode, &plan, &rows, seconds, rss_bytes).with_lookahead(arguments.lookahead_ms);
    let per_core = report::rate(rows.len(), cpu_seconds.total());
    let database = cluster.database.kind().name();
    Ok((ClusterResult { result, store: database, cpu_seconds, runs_per_core_s: per_core }, rows))
}

/// How long to leave the database alone after its rows were counted and some were missing.
const BETWEEN_COUNTS: Duration = Duration::from_secs(2);

/// Waits until the database knows of no run that is not over; returns when that was.
async fn wait(store: &dyn Store, clock: &dyn Clock, plan: &Plan) -> anyhow::Result<Timestamp> {
    clock.sleep(plan.last.since(clock.now())).await;
    let patience = plan.last + Duration::from_secs(120);
    let everywhere = Partition::all().collect::<Vec<_>>();
    loop {
        clock.sleep(Duration::from_millis(20)).await;
        let is_quiet = store.unfinished(&everywhere, None, 1).await?.is_empty();
        let now = clock.now();
        if now > patience {
            return Ok(now);
        }
        // Counting costs the database much: only when nobody seems to have anything to do, and not all the time.
        if is_quiet {
            if rows_since(store, plan.first).await? >= plan.slots {
                return Ok(now);
            }
            clock.sleep(BETWEEN_COUNTS).await;
        }
    }
}

async fn rows_since(store: &dyn Store, first: Timestamp) -> anyhow::Result<usize> {
    let counts = store.count_runs(None, first).await?;
    Ok(counts.into_iter().map(|(_, count)| usize::try_from(count).unwrap_or(usize::MAX)).sum())
}

fn cpu_seconds(cluster: &mut Cluster) -> CpuSeconds {
    let mut used = CpuSeconds::default();
    for node in &cluster.nodes {
        used.add(&format!("cronbus {}", node.name()), node.pid());
    }
    for server in cluster.servers() {
        used.add(server.kind().name(), server.pid());
    }
    used
}
