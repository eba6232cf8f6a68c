//! Jobs to begin with: `--load` fills an empty database, and leaves every other one alone.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_core::audit::{Actor, Trail};
use cronbus_core::document::{Format, read_valid};
use cronbus_core::port::store::{ChangeSequence, Write};
use cronbus_core::port::{Operations, Store};
use cronbus_core::time::Timestamp;

/// Under which name the jobs are added.
const BY: &str = "load";

/// Adds the jobs of the document `path` if the database has never had any.
///
/// # Errors
/// When the document cannot be read, or the database does not answer.
pub(super) async fn load(path: &Path, store: &dyn Store, operations: &dyn Operations, now: Timestamp) -> Result<()> {
    let shown = path.display();
    if !store.job_changes(ChangeSequence::default(), 1).await?.is_empty() {
        tracing::info!("the database has jobs: {shown} is left alone");
        return Ok(());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} could not be read"))?;
    let format = Format::of(&path.to_string_lossy(), &text);
    let jobs = read_valid(&text, format, now).with_context(|| format!("{shown} cannot be loaded"))?;
    let count = jobs.len();
    let writes = jobs.into_iter().map(|job| Write::Add(Arc::new(job))).collect();
    let trail = Trail { actor: Actor::node(BY), at: now, nonce: getrandom::u64().context("no random number")? };
    operations.write_jobs(writes, &trail).await.with_context(|| format!("the jobs of {shown} could not be added"))?;
    tracing::info!("added {count} jobs from {shown}");
    Ok(())
}
