//! The truth in an SQL database: the store port on SQLite, for one machine without a server.
//!
//! ```text
//!   schema ── the tables, as diesel sees them (migrations/ makes them)
//!   rows ──── what a row is in Rust, and the way between rows and the vocabulary
//!   migrate ─ bringing a database to this version's schema, and back
//!   failure ─ what went wrong inside a transaction, and what the port calls it
//!   sqlite/ ─ the connections, and one file of statements for each part of the port
//! ```
//!
//! Statements stand beside the backend that executes them; rows and schema are the same for every backend.

mod failure;
pub mod migrate;
mod rows;
mod schema;
mod sqlite;

pub use sqlite::{Options, SqliteStore};
