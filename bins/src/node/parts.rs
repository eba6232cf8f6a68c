//! Which implementation stands behind which port. The configuration was checked: a scheme that is not here never gets
//! this far.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_actors::Ports;
use cronbus_actors::node::{Executing, Retention, Settings};
use cronbus_adapters::log::FileLog;
use cronbus_adapters::runner::{self, LocalRunner};
use cronbus_adapters::spool::FileSpool;
use cronbus_adapters::store::{self, SqliteStore};
use cronbus_core::config::{Config, Orphans};
use cronbus_core::local::bus::LocalBus;
use cronbus_core::local::guard::LocalGuard;
use cronbus_core::local::membership::LocalMembership;
use cronbus_core::planner;
use cronbus_core::port::Clock;
use cronbus_core::port::membership::Member;

use super::directory::DataDirectory;

/// The ports of a node that is alone. Blocks while the database is brought to this version's schema.
///
/// # Errors
/// When the database, the spool or the logs cannot be used.
pub(super) fn ports(config: &Config, directory: &Path, clock: Arc<dyn Clock>) -> Result<Ports> {
    let executable = std::env::current_exe().context("the path of this executable could not be found")?;
    let running = runner::Settings {
        shell: config.executor.shell.display().to_string(),
        path: config.executor.path.clone(),
        executable,
        clock: Arc::clone(&clock),
    };
    Ok(Ports {
        store: Arc::new(open_store(config)?.0),
        bus: Arc::new(LocalBus::default()),
        membership: Arc::new(LocalMembership::default()),
        guard: Arc::new(LocalGuard::new(Arc::clone(&clock))),
        log: Arc::new(FileLog::open(&directory.join("log")).context("the logs of runs cannot be kept")?),
        runner: Arc::new(LocalRunner::new(&running).context("runs cannot be executed")?),
        spool: Arc::new(FileSpool::open(&directory.join("spool")).context("the spool cannot be used")?),
        clock,
    })
}

/// How the actors work, by the configuration.
pub(super) fn settings(config: &Config, member: &Member) -> Settings {
    let (scheduler, dispatcher, executor) = (&config.scheduler, &config.dispatcher, &config.executor);
    let retention = &config.retention;
    Settings {
        planner: planner::Settings {
            lookahead: scheduler.lookahead.duration(),
            misfire_after: scheduler.misfire_after.duration(),
            batch: count(scheduler.batch),
            missed_rows_per_job: count(scheduler.missed_rows_per_job),
            ..planner::Settings::default()
        },
        flush: dispatcher.flush.duration(),
        flush_rows: count(dispatcher.flush_rows),
        executing: Executing {
            queue: count(executor.queue),
            kill_grace: executor.kill_grace.duration(),
            output_limit: executor.output_limit.0,
            kill_orphans: executor.orphans == Orphans::Kill,
        },
        refresh: config.monitor.refresh.duration(),
        late_after: config.monitor.late_after.duration(),
        retention: Retention {
            every: retention.every.duration(),
            runs_age: retention.runs_age.duration(),
            runs_per_job: retention.runs_per_job,
            log_age: retention.log_age.duration(),
        },
        ..Settings::sole(member)
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Brings the database of a configuration to this version's schema; returns where it is.
///
/// # Errors
/// When a node uses it, or it cannot be changed.
pub(crate) fn migrate(config: &Config) -> Result<PathBuf> {
    let _alone = DataDirectory::lock(&config.node.data_dir)?;
    Ok(open_store(config)?.1)
}

fn open_store(config: &Config) -> Result<(SqliteStore, PathBuf)> {
    let path = config.database_path().context("database.url: this version keeps its truth in SQLite only")?;
    let options = store::Options {
        busy_timeout: config.database.busy_timeout.duration(),
        readers: count(config.database.pool),
        ..store::Options::default()
    };
    let store = SqliteStore::open(&path, options)
        .with_context(|| format!("database.url: the database {} cannot be used", path.display()))?;
    Ok((store, path))
}
