//! The truth in an SQL database: the store port on SQLite for one machine without a server, on MySQL, MariaDB and
//! PostgreSQL for many.
//!
//! ```text
//!   open ──── which of them, by the scheme of a URL
//!   schema ── the tables, as diesel sees them (migrations/ makes them)
//!   rows ──── what a row is in Rust, and the way between rows and the vocabulary
//!   examine ─ looking at a server without using it
//!   failure ─ what went wrong inside a transaction, and what the port calls it
//!   migrate ─ bringing a SQLite file to this version's schema, and back
//!   sqlite/ ─ the connections to a file, and one file of statements for each part of the port
//!   server/ ─ what the servers have in common and no driver is named for
//!   shared/ ─ the port on a server: one text, compiled for each backend within its folder
//!   mysql/, postgres/ ─ connections, dialect and the statements of the hot path
//! ```
//!
//! diesel's types name the backend in every query, so that one text for several backends is either a wall of bounds or
//! a text that is compiled several times. `shared/` is the latter: each backend's folder takes its files in by path, and
//! says what `Connection`, `Backend` and `statements` are.

mod examine;
mod failure;
pub mod migrate;
#[expect(clippy::duplicate_mod, reason = "shared/ is compiled once for each backend: see above")]
mod mysql;
mod open;
#[expect(clippy::duplicate_mod, reason = "shared/ is compiled once for each backend: see above")]
mod postgres;
mod rows;
mod schema;
mod server;
#[expect(clippy::duplicate_mod, reason = "shared/ is compiled once for each backend: see above")]
mod sqlite;
#[cfg(test)]
pub(crate) mod tests;

pub use examine::examine;
pub use mysql::MysqlStore;
pub(crate) use mysql::mysql_driver;
pub use open::{OpenError, migrate_up, open};
pub use postgres::PostgresStore;
pub(crate) use server::address::Encryption;
pub use server::options::OpenOptions;
pub use sqlite::{Options, SqliteStore};
