//! `database.url`: where the truth is.

use std::sync::Arc;

use anyhow::{Context, Result};
use cronbus_adapters::store::{self, OpenError, OpenOptions};
use cronbus_core::config::{Config, ServiceUrl};
use cronbus_core::port::Store;

use super::super::directory::DataDirectory;
use super::settings::count;

/// The store of the configuration. Blocks while the database is brought to this version's schema; must not be called
/// inside a runtime.
///
/// # Errors
/// When the database cannot be used.
pub(in crate::node) fn open(config: &Config) -> Result<Arc<dyn Store>, OpenError> {
    store::open(url(config).as_str(), options(config))
}

/// What `cronbus migrate` did.
#[derive(Debug)]
pub(crate) struct Migrated {
    /// Where; its password is not shown.
    pub(crate) database: ServiceUrl,
    /// What was applied, in order; a SQLite file does not tell.
    pub(crate) applied: Vec<&'static str>,
}

/// Brings the database of a configuration to this version's schema. The nodes that use a server go on meanwhile; that
/// of a SQLite file must not be there.
///
/// # Errors
/// When a node uses the file, or the database cannot be changed.
pub(crate) fn migrate(config: &Config) -> Result<Migrated> {
    let _alone = config.database_path().map(|_| DataDirectory::lock(&config.node.data_dir)).transpose()?;
    let database = url(config);
    let applied = store::migrate_up(database.as_str(), options(config));
    Ok(Migrated { applied: applied.context("database.url: the database cannot be migrated")?, database })
}

/// The URL, with the path of a SQLite file.
pub(super) fn url(config: &Config) -> ServiceUrl {
    let file = config.database_path().map(|path| ServiceUrl::new(format!("sqlite://{}", path.display())));
    file.unwrap_or_else(|| config.database.url.clone())
}

pub(super) fn options(config: &Config) -> OpenOptions {
    let database = &config.database;
    let patience = if config.database_path().is_some() { database.busy_timeout } else { database.statement_timeout };
    OpenOptions {
        pool: count(database.pool),
        connect_timeout: database.connect_timeout.duration(),
        statement_timeout: patience.duration(),
        idle_timeout: database.idle_timeout.duration(),
        migrate: database.migrate,
    }
}
