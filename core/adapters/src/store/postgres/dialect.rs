//! Migrations, as PostgreSQL wants them: each is one transaction.

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;

use super::Connection;

/// Whether the list of migrations is there.
pub(super) const HAS_LIST: &str = "SELECT count(to_regclass('__diesel_schema_migrations')) AS number";

/// The server's version and clock.
pub(super) const EXAMINE: &str = "SELECT current_setting('server_version') AS version, \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now_ms";

/// Makes the list, as diesel's tool makes it.
pub(super) const MAKE_LIST: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
     version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

/// A migration, and waiting for another's, may take longer than a statement.
pub(super) const PATIENCE: &str = "SET statement_timeout = 0; SET lock_timeout = 0";

/// The number is cronbus's own; locks are of one database.
pub(super) const LOCK: &str = "SELECT 1::BIGINT AS number FROM (SELECT pg_advisory_lock(7164289002713)) AS held";

/// Ends [`LOCK`].
pub(super) const UNLOCK: &str = "SELECT pg_advisory_unlock(7164289002713)";

/// Runs a migration and the `note` that it was, whole or not at all.
pub(super) async fn run(connection: &mut Connection, text: &str, note: &str) -> QueryResult<()> {
    connection.batch_execute(&format!("BEGIN;\n{text}\n;{note};\nCOMMIT")).await
}
