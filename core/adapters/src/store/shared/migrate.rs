//! Bringing a server's schema to this version, and back, under a lock that all nodes of the database respect.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{Connection, STEPS, dialect};
use crate::store::failure::Failure;
use crate::store::server::steps::{Standing, Step, standing};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// How the schema stands to this version's; nothing is changed.
pub(super) async fn compare(connection: &mut Connection) -> Result<Standing, Failure> {
    let kept: Number = diesel::sql_query(dialect::HAS_LIST).get_result(connection).await?;
    if kept.number == 0 {
        return Ok(standing(&STEPS, &[]));
    }
    Ok(standing(&STEPS, &applied(connection).await?))
}

async fn applied(connection: &mut Connection) -> QueryResult<Vec<String>> {
    let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let versions: Vec<Version> = diesel::sql_query(query).load(connection).await?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}

/// Applies what is missing; the names of what was applied, in order. Whoever does the same at the same time waits, and
/// finds nothing left to do.
pub(super) async fn up(connection: &mut Connection) -> Result<Vec<&'static str>, Failure> {
    lock(connection).await?;
    connection.batch_execute(dialect::MAKE_LIST).await?;
    let missing = compare(connection).await?.missing;
    for step in STEPS.iter().filter(|step| missing.contains(&step.name)) {
        let note = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{}')", step.version());
        apply(connection, step, step.up, &note).await?;
    }
    connection.batch_execute(dialect::UNLOCK).await?;
    Ok(missing)
}

/// Takes every migration back, newest first: all rows are lost.
#[cfg(test)]
pub(super) async fn down(connection: &mut Connection) -> Result<(), Failure> {
    lock(connection).await?;
    let applied = applied(connection).await?;
    for step in STEPS.iter().rev().filter(|step| applied.contains(&step.version())) {
        let note = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{}'", step.version());
        apply(connection, step, step.down, &note).await?;
    }
    Ok(connection.batch_execute(dialect::UNLOCK).await?)
}

async fn lock(connection: &mut Connection) -> Result<(), Failure> {
    connection.batch_execute(dialect::PATIENCE).await?;
    let got: Number = diesel::sql_query(dialect::LOCK).get_result(connection).await?;
    let held = || Failure::unavailable("another process migrates this database and does not end".to_owned());
    (got.number == 1).then_some(()).ok_or_else(held)
}

async fn apply(connection: &mut Connection, step: &Step, text: &str, note: &str) -> Result<(), Failure> {
    let done = dialect::run(connection, text, note).await;
    done.map_err(|error| Failure::unavailable(format!("migration {}: {error}", step.name)))
}
