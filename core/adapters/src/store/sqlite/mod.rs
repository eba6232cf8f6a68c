//! The store on SQLite: one file, one writer, readers that never wait for it.
//!
//! ```text
//!   store ────── SqliteStore: opening, and the traits of the port; each call becomes one closure
//!   connection ─ how a connection is set up
//!   readers ──── the connections for reading, lent one at a time
//!   statements ─ the one statement that diesel's own would be too slow for
//!   jobs, runs, marks, housekeeping, history, alerts, accounts, audit, secrets ─ what the closures do, on a plain
//!                connection
//!   ../shared/queries ─ lists as queries, compiled for this backend
//! ```
//!
//! A whole batch is one closure on a thread that may block: going back and forth for each row would cost more than the
//! row does. Writers take the lock of the file when they begin (`BEGIN IMMEDIATE`), so that a transaction that has
//! begun cannot fail for another process's sake.

mod account_port;
mod accounts;
mod alert_port;
#[path = "../shared/alert_queries.rs"]
mod alert_queries;
mod alerts;
mod audit;
mod audit_port;
#[path = "../shared/audit_queries.rs"]
mod audit_queries;
mod connection;
mod history;
mod housekeeping;
mod jobs;
mod marks;
mod pruning;
#[path = "../shared/queries.rs"]
mod queries;
mod readers;
mod runs;
mod secret_port;
mod secrets;
mod statements;
mod store;
#[cfg(test)]
mod tests;

use diesel::sqlite::Sqlite as Backend;

pub use connection::Options;
pub use store::SqliteStore;

/// The runs that are not over within a span of keys. The planner would rather walk the whole table in the order of its
/// key; the index holds what is not over alone.
const UNFINISHED: &str = "runs INDEXED BY runs_unfinished WHERE runs.state < 10 AND runs.id < ? AND runs.id >= ?";

/// Their key, in whose order they are read.
const UNFINISHED_KEY: &str = "runs.id";

/// The third value of a statement.
const THIRD: &str = "?";

diesel::define_sql_function! {
    /// Where a text is within another, from 1; 0 when it is not.
    fn instr(text: diesel::sql_types::Nullable<diesel::sql_types::Text>, part: diesel::sql_types::Text)
        -> diesel::sql_types::Nullable<diesel::sql_types::Integer>;
}
