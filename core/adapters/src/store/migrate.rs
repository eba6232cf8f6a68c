//! Bringing a database to this version's schema, and back.
//!
//! Migrations run on a plain, blocking connection: before there is a runtime, or on a thread that may block.

use cronbus_core::port::store::Error;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Applies what is missing, all of it or nothing; returns the names of what was applied, in order. Another process that
/// does the same at the same time waits and finds nothing left to do.
///
/// # Errors
/// `Unavailable` when the database does not answer, `Damaged` when its schema is not the one that its own list of
/// migrations promises.
pub fn up(connection: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    // Where nothing is missing nobody has to stop writing.
    if is_current(connection) {
        return Ok(Vec::new());
    }
    connection
        .exclusive_transaction(|connection| {
            let applied = connection.run_pending_migrations(SQLITE).map_err(Refused::Migration)?;
            Ok(applied.iter().map(ToString::to_string).collect())
        })
        .map_err(|refused: Refused| refused.explain("bring the schema up to this version"))
}

/// Whether nothing is missing, as far as can be seen without a lock.
fn is_current(connection: &mut SqliteConnection) -> bool {
    let applied: Vec<Applied> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(connection).unwrap_or_default();
    let Ok(known) = MigrationSource::<Sqlite>::migrations(&SQLITE) else { return false };
    known.iter().all(|known| {
        let version = known.name().version().to_string();
        applied.iter().any(|applied| applied.version == version)
    })
}

/// A row of the list that diesel keeps.
#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Takes every migration back, newest first: all rows are lost.
///
/// # Errors
/// As [`up`].
pub fn down(connection: &mut SqliteConnection) -> Result<(), Error> {
    connection
        .exclusive_transaction(|connection| {
            connection.revert_all_migrations(SQLITE).map_err(Refused::Migration)?;
            Ok(())
        })
        .map_err(|refused: Refused| refused.explain("take the schema back"))
}

/// The names of all migrations of this version, in order.
///
/// # Errors
/// `Damaged` when the executable itself is.
pub fn names() -> Result<Vec<String>, Error> {
    let migrations = MigrationSource::<Sqlite>::migrations(&SQLITE)
        .map_err(|error| Error::Damaged { what: format!("the embedded migrations: {error}") })?;
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

enum Refused {
    Begin(diesel::result::Error),
    Migration(Box<dyn std::error::Error + Send + Sync>),
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        Self::Begin(error)
    }
}

impl Refused {
    fn explain(self, what: &'static str) -> Error {
        match self {
            Self::Begin(error) => Error::Unavailable { what, reason: error.to_string() },
            Self::Migration(error) => Error::Damaged { what: format!("while cronbus tried to {what}: {error}") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(QueryableByName)]
    struct Entry {
        #[diesel(sql_type = Text)]
        sql: String,
    }

    fn schema(connection: &mut SqliteConnection) -> Vec<String> {
        let query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name";
        let entries: Vec<Entry> = diesel::sql_query(query).load(connection).unwrap();
        entries.into_iter().map(|entry| entry.sql).collect()
    }

    #[test]
    fn up_down_and_up_again_is_the_same_schema() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        assert_eq!(up(&mut connection).unwrap().len(), names().unwrap().len());
        let first = schema(&mut connection);
        assert!(!first.is_empty());
        assert_eq!(up(&mut connection).unwrap(), Vec::<String>::new());
        down(&mut connection).unwrap();
        assert_eq!(schema(&mut connection), Vec::<String>::new());
        up(&mut connection).unwrap();
        assert_eq!(schema(&mut connection), first);
    }
}
