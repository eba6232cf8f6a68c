//! Migrations on real servers.

use std::thread;

use cronbus_core::port::Store;
use cronbus_core::suite::store::rare;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

use super::servers::{mysql_url, options, postgres_url};
use crate::store::mysql::STEPS as MYSQL_STEPS;
use crate::store::postgres::STEPS as POSTGRES_STEPS;
use crate::store::sqlite::{Options, SqliteStore};
use crate::store::{MysqlStore, OpenError, OpenOptions, PostgresStore, migrate_up, open};

/// How many migrations there are.
const STEPS: usize = 11;

#[test]
fn up_down_and_up_again_on_mysql() {
    let store = MysqlStore::on(&mysql_url(), options()).unwrap();
    assert_eq!(store.up().unwrap().len(), STEPS);
    assert_eq!(store.up().unwrap(), Vec::<&str>::new());
    store.down().unwrap();
    assert_eq!(store.compare().unwrap().missing.len(), STEPS);
    assert!(store.execute(&["SELECT 1 FROM runs"]).is_err(), "the tables are gone");
    assert_eq!(store.up().unwrap().len(), STEPS);
    store.execute(&["SELECT is_over FROM runs"]).unwrap();
}

#[test]
fn up_down_and_up_again_on_postgresql() {
    let store = PostgresStore::on(&postgres_url(), options()).unwrap();
    assert_eq!(store.up().unwrap().len(), STEPS);
    assert_eq!(store.up().unwrap(), Vec::<&str>::new());
    store.down().unwrap();
    assert_eq!(store.compare().unwrap().missing.len(), STEPS);
    assert!(store.execute(&["SELECT 1 FROM runs"]).is_err(), "the tables are gone");
    assert_eq!(store.up().unwrap().len(), STEPS);
    store.execute(&["SELECT id FROM unfinished_runs"]).unwrap();
}

#[test]
fn what_was_unfinished_before_it_had_a_table_is_in_it_on_postgresql() {
    let store = PostgresStore::on(&postgres_url(), options()).unwrap();
    store.up().unwrap();
    let step = POSTGRES_STEPS.iter().find(|step| step.name.ends_with("_unfinished")).unwrap();
    let row = |id: &str, state: u8| {
        format!(
            "INSERT INTO runs (id, job, partition_number, revision, due_at, created_at, state) \
             VALUES ('{id}', 1, 7, 1, 0, 0, {state})"
        )
    };
    let truth = "DO $$ BEGIN ASSERT (SELECT array_agg(id) FROM unfinished_runs) = ARRAY['waits'::bytea]; END $$";
    store.execute(&[step.down, &row("waits", 0), &row("is over", 11), step.up, truth]).unwrap();
}

/// Writes what has marks, forgets all marks, and lets the migration find them again.
async fn marks_are_found_again(store: &impl Store, migrate: impl Fn()) {
    rare::many_ways(store).await;
    rare::many_changes(store).await;
    migrate();
    rare::all_rare_runs_are_found(store).await;
    rare::all_marked_jobs_are_found(store).await;
}

#[tokio::test]
async fn what_was_there_before_its_marks_has_them_on_servers() {
    let (url, of_mysql) = (mysql_url(), MYSQL_STEPS.iter().find(|step| step.name.ends_with("_marks")).unwrap());
    let store = MysqlStore::on(&url, options()).unwrap();
    store.up().unwrap();
    marks_are_found_again(&store, || store.execute(&[of_mysql.down, of_mysql.up]).unwrap()).await;
    let (url, of_postgres) =
        (postgres_url(), POSTGRES_STEPS.iter().find(|step| step.name.ends_with("_marks")).unwrap());
    let store = PostgresStore::on(&url, options()).unwrap();
    store.up().unwrap();
    marks_are_found_again(&store, || store.execute(&[of_postgres.down, of_postgres.up]).unwrap()).await;
}

#[tokio::test]
async fn what_was_there_before_its_marks_has_them_on_sqlite() {
    const DOWN: &str = include_str!("../../../../../migrations/sqlite/2026-11-23-000011_marks/down.sql");
    const UP: &str = include_str!("../../../../../migrations/sqlite/2026-11-23-000011_marks/up.sql");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cronbus.db");
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    let migrate = || {
        let mut connection = SqliteConnection::establish(&path.display().to_string()).unwrap();
        connection.batch_execute(&format!("{DOWN}{UP}")).unwrap();
    };
    marks_are_found_again(&store, migrate).await;
}

#[test]
fn nodes_that_start_at_once_migrate_once() {
    for url in [mysql_url(), postgres_url()] {
        let migrating: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                thread::spawn(move || migrate_up(&url, options()).unwrap().len())
            })
            .collect();
        let mut applied: Vec<usize> = migrating.into_iter().map(|thread| thread.join().unwrap()).collect();
        applied.sort_unstable();
        assert_eq!(applied, [0, 0, 0, STEPS], "{url}");
    }
}

#[test]
fn an_older_schema_is_refused_and_a_newer_one_used() {
    for (url, store) in [
        (
            mysql_url(),
            Box::new(|url: &str, sql: &str| MysqlStore::on(url, options()).unwrap().execute(&[sql]))
                as Box<dyn Fn(&str, &str) -> _>,
        ),
        (postgres_url(), Box::new(|url: &str, sql: &str| PostgresStore::on(url, options()).unwrap().execute(&[sql]))),
    ] {
        let error = open(&url, options()).unwrap_err();
        assert!(matches!(error, OpenError::OldSchema { .. }) && !error.is_retryable(), "{error}");
        assert!(error.to_string().contains("run `cronbus migrate`"), "{error}");
        assert!(open(&url, OpenOptions { migrate: true, ..options() }).is_ok());
        store(&url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')").unwrap();
        assert!(open(&url, options()).is_ok(), "a newer schema has all that this version needs");
    }
}
