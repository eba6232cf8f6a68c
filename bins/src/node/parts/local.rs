//! What every node has of its own: the logs of its runs, its spool, and what executes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cronbus_adapters::log::FileLog;
use cronbus_adapters::runner::{self, LocalRunner};
use cronbus_adapters::spool::FileSpool;
use cronbus_core::config::{Config, Provenance};
use cronbus_core::port::log::Error;
use cronbus_core::port::{Clock, Runner, Spool};

use super::shims;
use crate::executable;

/// How often the spool is tried to be opened, and the pause between two tries.
const TRIES: u32 = 25;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The ports that no URL chooses.
#[derive(Clone, Debug)]
pub(in crate::node) struct Local {
    pub(super) log: FileLog,
    pub(super) runner: Arc<dyn Runner>,
}

/// Opens them in the data directory.
///
/// # Errors
/// When the logs cannot be used, or runs shall have supervisors that are not there.
pub(in crate::node) fn open(
    config: &Config,
    provenance: &[Provenance],
    directory: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<Local> {
    let runs = directory.join("runs");
    let running = runner::Settings {
        shell: config.executor.shell.display().to_string(),
        path: config.executor.path.clone(),
        executable: executable::path()?,
        clock: Arc::clone(clock),
        shims: shims::settings(config, provenance, &runs)?,
    };
    Ok(Local {
        log: log(config, &directory.join("log")).context("the logs of runs cannot be kept")?.with_runs(&runs),
        runner: Arc::new(LocalRunner::new(&running).context("runs cannot be executed")?),
    })
}

/// Opens what the node remembers of its runs. Only one process can have it; one that was killed just now may hold it for a
/// moment yet.
///
/// # Errors
/// When it cannot be used.
pub(in crate::node) async fn open_spool(directory: &Path) -> Result<Arc<dyn Spool>> {
    let folder = directory.join("spool");
    for _ in 0..TRIES {
        match FileSpool::open(&folder) {
            Ok(spool) => return Ok(Arc::new(spool)),
            Err(_) => tokio::time::sleep(BETWEEN_TRIES).await,
        }
    }
    Ok(Arc::new(FileSpool::open(&folder).context("the spool cannot be used")?))
}

/// Among others, what this node's runs print is sent to where they can read it.
fn log(config: &Config, folder: &Path) -> Result<FileLog, Error> {
    match config.bus.url.scheme() {
        "local" => FileLog::open(folder),
        _ => FileLog::open_to_ship(folder),
    }
}
