//! The databases: what a node of an earlier release made and wrote is migrated without loss, and that node goes on with
//! what became of it.
//!
//! Rows are inserted as the earlier node's own database tells them, each with the columns that it knew.

use crate::database::{Database, Engine, Tables};
use crate::release::Release;
use crate::rule::{Breach, Rule};

const KEPT: Rule = Rule {
    about: "schema",
    says: "a migration keeps every row, and what it says",
    instead: "write the next migration so that it adds what it needs beside what there is",
};

const SHARED: Rule = Rule {
    about: "schema",
    says: "nodes of the release before go on reading and writing a database that was migrated: tables and columns stay, \
           with their types, and what comes may be left out of an INSERT",
    instead: "give a new column a default, or let it be null. What is to go stays for a release that neither reads nor \
              writes it; then drop it, and remove schema/ of the releases before that one",
};

fn file(engine: Engine, what: &str) -> String {
    format!("schema/{}.{what}.sql", engine.word())
}

/// A database as a node of that release left it.
pub(crate) fn recorded(release: &Release, engine: Engine) -> Database {
    let database = Database::empty(engine);
    database.ask(&release.text(&file(engine, "schema")));
    database.ask(&at_once(&release.text(&file(engine, "rows"))));
    database
}

/// A script as one transaction: each row by itself would wait for the disk.
fn at_once(script: &str) -> String {
    format!("BEGIN;\n{script}COMMIT;\n")
}

/// The releases whose databases have to be taken.
fn releases() -> impl Iterator<Item = Release> {
    Release::all().into_iter().filter(|release| release.path("schema").exists())
}

/// What of the earlier tables is not as it was, and what came that an earlier node would have to know.
fn changes(before: &Tables, after: &Tables) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (table, columns) in before {
        let Some(now) = after.get(table) else {
            breaches.push(Breach::new(table, "the table is gone"));
            continue;
        };
        for (name, column) in columns {
            match now.get(name) {
                Some(same) if same == column => {}
                Some(other) => breaches
                    .push(Breach::new(format!("{table}.{name}"), format!("it was {column:?}, and is {other:?}"))),
                None => breaches.push(Breach::new(format!("{table}.{name}"), "the column is gone")),
            }
        }
        let new = now.iter().filter(|(name, column)| !columns.contains_key(*name) && !column.may_be_left_out);
        breaches
            .extend(new.map(|(name, _)| Breach::new(format!("{table}.{name}"), "it is new, and may not be left out")));
    }
    breaches
}

fn what_a_release_left_is_kept_and_shared(engine: Engine) {
    for release in releases() {
        let database = recorded(&release, engine);
        let before = database.tables();
        let values = |table: &String| database.values(table, before[table].keys());
        let rows: Vec<(&String, Vec<String>)> = before.keys().map(|table| (table, values(table))).collect();
        assert!(rows.iter().any(|(table, rows)| *table == "runs" && !rows.is_empty()), "nothing was recorded");
        database.migrate();
        SHARED.hold(&release, changes(&before, &database.tables()));
        for (table, rows) in rows {
            let now = values(table);
            let lost = rows.iter().filter(|row| now.binary_search(row).is_err());
            KEPT.hold(
                &release,
                lost.map(|row| Breach::new(table, format!("the row {row} is gone or changed"))).collect(),
            );
        }
    }
}

/// Also by an earlier node that comes to a database which never was of its own release.
fn what_a_release_writes_can_be_written_today(engine: Engine) {
    for release in releases() {
        let (database, tables) = (Database::of_today(engine), recorded(&release, engine).tables());
        let forget: String = tables.keys().map(|table| format!("DELETE FROM {table};\n")).collect();
        let breaches = match database.try_ask(&at_once(&(forget + &release.text(&file(engine, "rows"))))) {
            Ok(_) => Vec::new(),
            Err(told) => vec![Breach::new(engine.word(), format!("a row cannot be written: {told}"))],
        };
        SHARED.hold(&release, breaches);
    }
}

#[test]
fn sqlite_keeps_and_shares_what_earlier_releases_wrote() {
    what_a_release_left_is_kept_and_shared(Engine::Sqlite);
    what_a_release_writes_can_be_written_today(Engine::Sqlite);
}

#[test]
fn mariadb_keeps_and_shares_what_earlier_releases_wrote() {
    what_a_release_left_is_kept_and_shared(Engine::MariaDb);
    what_a_release_writes_can_be_written_today(Engine::MariaDb);
}

#[test]
fn postgresql_keeps_and_shares_what_earlier_releases_wrote() {
    what_a_release_left_is_kept_and_shared(Engine::PostgreSql);
    what_a_release_writes_can_be_written_today(Engine::PostgreSql);
}

/// Keeps what a node left in a database.
pub(crate) fn record(release: &Release, database: &Database) {
    release.write(&file(database.engine, "schema"), &database.schema());
    release.write(&file(database.engine, "rows"), &database.inserts());
}
