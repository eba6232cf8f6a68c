//! A node in this process, its truth in SQLite or in memory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::store::{Options, SqliteStore};
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::{Clock, Operations as _, Store};
use cronbus_core::time::Timestamp;

use super::arguments::{Arguments, Mode};
use super::plan::Plan;
use super::rows::{Result, bare_insert_rate, read_all, sum_up};
use crate::{node, report};

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    let result = node::on_a_system(measure(arguments, &folder))?;
    report::result(&result)
}

async fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<Result> {
    let clock = node::clock()?;
    let store = open(arguments.mode, &folder.join("cronbus.db"))?;
    let plan = Plan::of(arguments, clock.now(), Duration::from_secs(5));
    report::say(&format!("adding {} jobs", plan.jobs));
    plan.add_jobs(&*store).await?;
    let node =
        node::start(node::ports(folder, Arc::clone(&store), Arc::clone(&clock))?, 8, arguments.lookahead()).await?;
    if clock.now() + arguments.lookahead() > plan.first {
        anyhow::bail!("adding the jobs took too long: nothing would be on time");
    }
    report::say(&format!("{} slots are due from {} on", plan.slots, plan.first));
    let ended = wait(&*node, &*clock, &plan).await;
    let rss_bytes = report::resident_bytes();
    node.shut_down(Duration::from_secs(5)).await;
    let rows = read_all(&*store, &plan).await?;
    let seconds = ended.since(plan.first).as_secs_f64();
    let bare = bare_insert_rate(&*open(arguments.mode, &folder.join("bare.db"))?, &rows).await?;
    Ok(sum_up(arguments.mode, &plan, &rows, seconds, rss_bytes).with_lookahead(arguments.lookahead_ms).beside(bare))
}

fn open(mode: Mode, path: &Path) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match mode {
        Mode::Embedded => Arc::new(SqliteStore::open(path, Options::default())?),
        Mode::Memory | Mode::Cluster => Arc::new(MemoryStore::default()),
    })
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
