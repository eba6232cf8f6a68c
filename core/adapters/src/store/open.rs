//! Which store stands behind a URL: the one place that knows the schemes.

use std::path::Path;
use std::sync::Arc;

use cronbus_core::config::ServiceUrl;
use cronbus_core::port::Store;
use cronbus_core::port::store::Error;

use super::server::options::OpenOptions;
use super::server::steps::Standing;
use super::{MysqlStore, Options, PostgresStore, SqliteStore};

/// A store could not be opened. No message has the password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that cronbus can use.
    #[error(
        "`{url}` names no database: write sqlite://PATH, mysql://USER:PASSWORD@HOST/DATABASE or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Scheme {
        /// The URL, without its password.
        url: ServiceUrl,
    },
    /// The URL, or a file that it names, cannot be used.
    #[error("the URL of the database cannot be used: {reason}")]
    Unusable {
        /// Why, and what is allowed.
        reason: String,
    },
    /// The database did not answer, or is none of cronbus.
    #[error(transparent)]
    Store(#[from] Error),
    /// The schema is older than this version.
    #[error(
        "the schema of {url} is older than cronbus {}: it lacks {}; run `cronbus migrate` once, or set \
         database.migrate = true",
        env!("CARGO_PKG_VERSION"),
        missing.join(", ")
    )]
    OldSchema {
        /// The URL, without its password.
        url: ServiceUrl,
        /// The migrations it lacks.
        missing: Vec<&'static str>,
    },
}

impl OpenError {
    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(Error::Unavailable { .. }))
    }
}

/// Opens the store of a URL: `sqlite://PATH`, `mysql://…` (MySQL and MariaDB) or `postgres://…`. A SQLite file is made
/// and brought to this version's schema; a server's schema is left alone unless `options.migrate`, and a newer one is
/// used as it is, since a release only adds to what the one before needs. Blocks; not for threads of a runtime.
///
/// # Errors
/// [`OpenError`].
pub fn open(url: &str, options: OpenOptions) -> Result<Arc<dyn Store>, OpenError> {
    match Backend::of(url, options)? {
        Backend::Sqlite(store) => Ok(Arc::new(store)),
        Backend::Mysql(store) => {
            prepare(url, options, || store.up(), || store.compare())?;
            Ok(Arc::new(store))
        }
        Backend::Postgres(store) => {
            prepare(url, options, || store.up(), || store.compare())?;
            Ok(Arc::new(store))
        }
    }
}

/// Brings the database of a URL to this version's schema; the names of the migrations that were applied, none for a
/// SQLite file, which opening has done. Nodes that do the same at the same time wait for each other. Blocks; not for
/// threads of a runtime.
///
/// # Errors
/// [`OpenError`].
pub fn migrate_up(url: &str, options: OpenOptions) -> Result<Vec<&'static str>, OpenError> {
    Ok(match Backend::of(url, options)? {
        Backend::Sqlite(_) => Vec::new(),
        Backend::Mysql(store) => store.up()?,
        Backend::Postgres(store) => store.up()?,
    })
}

/// What a URL's scheme stands for.
enum Backend {
    Sqlite(SqliteStore),
    Mysql(MysqlStore),
    Postgres(PostgresStore),
}

impl Backend {
    fn of(url: &str, options: OpenOptions) -> Result<Self, OpenError> {
        match url.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(open_file(Path::new(path), options)?)),
            Some(("mysql", _)) => Ok(Self::Mysql(MysqlStore::on(url, options)?)),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(PostgresStore::on(url, options)?)),
            _ => Err(OpenError::Scheme { url: ServiceUrl::new(url) }),
        }
    }
}

fn open_file(path: &Path, options: OpenOptions) -> Result<SqliteStore, Error> {
    let patience = options.statement_timeout;
    SqliteStore::open(path, Options { readers: options.pool, busy_timeout: patience, ..Options::default() })
}

/// Migrates if that is wanted, and looks whether the schema is one that this version can use.
fn prepare(
    url: &str,
    options: OpenOptions,
    up: impl FnOnce() -> Result<Vec<&'static str>, Error>,
    compare: impl FnOnce() -> Result<Standing, Error>,
) -> Result<(), OpenError> {
    let url = ServiceUrl::new(url);
    if options.migrate {
        let applied = up()?;
        tracing::info!(%url, ?applied, "the schema is that of this version");
    }
    let Standing { missing, unknown } = compare()?;
    if !missing.is_empty() {
        return Err(OpenError::OldSchema { url, missing });
    }
    if !unknown.is_empty() {
        let advice = "a newer cronbus was here; upgrade this node soon";
        tracing::warn!(%url, ?unknown, "{advice}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_schemes_are_refused_without_the_password() {
        for url in ["oracle://u:secret@h/d", "u:secret@h", "sqlite://", ""] {
            let error = open(url, OpenOptions::default()).unwrap_err();
            let said = error.to_string();
            assert!(said.contains("names no database") && !said.contains("secret"), "{said}");
            assert!(!error.is_retryable());
        }
    }

    #[test]
    fn nobody_there_may_be_there_later() {
        let port = cronbus_servers::free_port().unwrap();
        for scheme in ["mysql", "postgres"] {
            let error = open(&format!("{scheme}://u:secret@127.0.0.1:{port}/d"), OpenOptions::default()).unwrap_err();
            let said = error.to_string();
            assert!(error.is_retryable() && said.contains("127.0.0.1") && !said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn a_file_is_opened_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("cronbus.db").display());
        assert!(open(&url, OpenOptions::default()).is_ok());
    }
}
