//! How a connection to the file is set up.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use cronbus_core::port::store::Error;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use crate::store::failure::Failure;

const OPENING: &str = "open the database file";

/// How the file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many reads go on at a time; at least 1.
    pub readers: usize,
    /// How long a writer waits for another process that is writing.
    pub busy_timeout: Duration,
    /// How many bytes of the file each connection keeps in memory.
    pub cache_bytes: u64,
}

impl Default for Options {
    /// Two readers, 5 s, 64 MiB.
    fn default() -> Self {
        Self { readers: 2, busy_timeout: Duration::from_secs(5), cache_bytes: 64 << 20 }
    }
}

/// Makes the file and its folder if they are missing, for their owner alone.
///
/// # Errors
/// `Unavailable` with what the system said.
pub(super) fn make_file(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder));
    // SQLite gives the files beside it (-wal, -shm) the permissions of the database.
    let opened = made.and_then(|()| OpenOptions::new().create(true).append(true).mode(0o600).open(path));
    opened.map(drop).map_err(|error: io::Error| unavailable(path, &error.to_string()))
}

/// A connection that may write.
///
/// # Errors
/// `Unavailable` with what SQLite said.
pub(super) fn writer(path: &Path, options: Options) -> Result<SqliteConnection, Error> {
    let mut connection = connect(path, options)?;
    // FULL: a commit that was answered survives a power failure (a WAL in NORMAL could lose the last ones).
    // The log is written back in pieces of some 32 MiB, so that pages that are written again and again go back once.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000; \
                    PRAGMA journal_size_limit = 67108864;";
    set(&mut connection, path, settings)?;
    Ok(connection)
}

/// A connection that cannot write.
///
/// # Errors
/// `Unavailable` with what SQLite said.
pub(super) fn reader(path: &Path, options: Options) -> Result<SqliteConnection, Error> {
    let mut connection = connect(path, options)?;
    set(&mut connection, path, "PRAGMA query_only = ON")?;
    Ok(connection)
}

fn connect(path: &Path, options: Options) -> Result<SqliteConnection, Error> {
    let name = path.to_str().ok_or_else(|| unavailable(path, "its path is not UTF-8; choose another"))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| unavailable(path, &error.to_string()))?;
    let settings = format!(
        "PRAGMA busy_timeout = {}; PRAGMA cache_size = -{}; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;",
        options.busy_timeout.as_millis(),
        options.cache_bytes / 1024,
    );
    set(&mut connection, path, &settings)?;
    Ok(connection)
}

fn set(connection: &mut SqliteConnection, path: &Path, settings: &str) -> Result<(), Error> {
    let set = connection.batch_execute(settings).map_err(|error| Failure::from(error).explain(OPENING));
    set.map_err(|error| match error {
        Error::Unavailable { reason, .. } => unavailable(path, &reason),
        Error::Damaged { what } => Error::Damaged { what: format!("{}: {what}", path.display()) },
        other => other,
    })
}

fn unavailable(path: &Path, said: &str) -> Error {
    Error::Unavailable { what: OPENING, reason: format!("{}: {said}", path.display()) }
}
