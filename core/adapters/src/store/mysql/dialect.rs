//! Migrations, as MySQL and MariaDB want them: definitions are committed at once, whatever transaction they are in.

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;

use super::Connection;
use crate::store::server::steps::statements;

/// Whether the list of migrations is there.
pub(super) const HAS_LIST: &str = "SELECT count(*) AS number FROM information_schema.tables \
     WHERE table_schema = DATABASE() AND table_name = '__diesel_schema_migrations'";

/// The server's version and clock.
pub(super) const EXAMINE: &str = "SELECT VERSION() AS version, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS now_ms";

/// Makes the list, as diesel's tool makes it.
pub(super) const MAKE_LIST: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
     version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

/// A migration may take longer than a statement.
pub(super) const PATIENCE: &str = "/*M!100101 SET SESSION max_statement_time = 0 */";

/// Names of locks are the whole server's; they have 64 characters at most.
pub(super) const LOCK: &str =
    "SELECT CAST(COALESCE(GET_LOCK(CONCAT('cronbus.', MD5(DATABASE())), 3000), 0) AS SIGNED) AS number";

/// Ends [`LOCK`].
pub(super) const UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('cronbus.', MD5(DATABASE())))";

/// Runs a migration, then the `note` that it was. One that was cut short is done again: its statements allow it.
pub(super) async fn run(connection: &mut Connection, text: &str, note: &str) -> QueryResult<()> {
    for statement in statements(text) {
        connection.batch_execute(statement).await?;
    }
    connection.batch_execute(note).await
}
