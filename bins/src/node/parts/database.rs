//! `database.url`: where the truth is.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_adapters::store::{self, SqliteStore};
use cronbus_core::config::Config;
use cronbus_core::port::Store;

use super::super::directory::DataDirectory;
use super::settings::count;

/// The store of the configuration. Blocks while the database is brought to this version's schema; must not be called
/// inside a runtime.
///
/// # Errors
/// When the database cannot be used.
pub(in crate::node) fn open(config: &Config) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(open_sqlite(config)?.0))
}

/// Brings the database of a configuration to this version's schema; returns where it is.
///
/// # Errors
/// When a node uses it, or it cannot be changed.
pub(crate) fn migrate(config: &Config) -> Result<PathBuf> {
    let _alone = DataDirectory::lock(&config.node.data_dir)?;
    Ok(open_sqlite(config)?.1)
}

fn open_sqlite(config: &Config) -> Result<(SqliteStore, PathBuf)> {
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
