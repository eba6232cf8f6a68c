//! One server of each kind for all tests, and a database for each test.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cronbus_servers::{Kind, Server};

use crate::store::{MysqlStore, OpenOptions, PostgresStore};

/// Options of tests: small and impatient.
pub(super) fn options() -> OpenOptions {
    OpenOptions { pool: 3, statement_timeout: Duration::from_secs(20), ..OpenOptions::default() }
}

/// Tests that kill no server need none that survives a power failure.
fn start(kind: Kind, quick: &[&str]) -> Server {
    Server::start_with(kind, quick).unwrap()
}

fn mariadb() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| start(Kind::MariaDb, &["--innodb-flush-log-at-trx-commit=0"]))
}

fn postgres() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| start(Kind::PostgreSql, &["-c", "fsync=off", "-c", "max_connections=300"]))
}

/// A name nobody had yet, and a URL with it in place of the one that is there.
fn another(url: &str) -> (String, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let (server, _) = url.rsplit_once('/').unwrap();
    (format!("CREATE DATABASE {name}"), format!("{server}/{name}"))
}

/// The URL of an empty database on MariaDB.
pub(crate) fn mysql_url() -> String {
    let url = mariadb().url();
    let (create, fresh) = another(&url);
    MysqlStore::on(&url, options()).unwrap().execute(&[&create]).unwrap();
    fresh
}

/// The URL of an empty database on PostgreSQL.
pub(super) fn postgres_url() -> String {
    let url = postgres().url();
    let (create, fresh) = another(&url);
    PostgresStore::on(&url, options()).unwrap().execute(&[&create]).unwrap();
    fresh
}

/// An empty store on MariaDB, and nothing to keep.
pub(super) fn mysql() -> (MysqlStore, ()) {
    let store = MysqlStore::on(&mysql_url(), options()).unwrap();
    store.up().unwrap();
    (store, ())
}

/// An empty store on PostgreSQL, and nothing to keep.
pub(super) fn postgresql() -> (PostgresStore, ()) {
    let store = PostgresStore::on(&postgres_url(), options()).unwrap();
    store.up().unwrap();
    (store, ())
}

/// What makes a store as good as new.
pub(super) const WIPE: [&str; 14] = [
    "DELETE FROM runs",
    "DELETE FROM run_marks",
    "DELETE FROM job_marks",
    "DELETE FROM submissions",
    "DELETE FROM audit_entries",
    "DELETE FROM secrets",
    "DELETE FROM account_users",
    "DELETE FROM account_tokens",
    "DELETE FROM account_sessions",
    "DELETE FROM jobs",
    "DELETE FROM job_revisions",
    "UPDATE counters SET value = 0",
    "UPDATE partitions SET owner = '', epoch = 0",
    "UPDATE watermarks SET watermark = 0",
];
