//! What earlier releases wrote and what they read, beside the code of today.
//!
//! ```text
//!   recorded/0.1.0/ ── one folder for each release that may run beside this one, or whose files it may find:
//!     configuration*.toml, configuration.json    every key, and what it came to
//!     jobs.toml, jobs.json                       every field of a job, and what it came to
//!     messages/, member.json, submissions.json, sealed.json, secret.json
//!                                                what nodes and clients send each other
//!     schema/                                    the databases: their tables, and rows that a node wrote
//!     data/                                      the data directory of a node
//!     openapi.json                               REST
//!   taken-away.toml ── what is not there any more, and why nobody misses it
//! ```
//!
//! Each test holds one rule of ARCHITECTURE.md ("Beside another release") for every release that is recorded, says which
//! part of what was recorded breaks it, and what to do instead. What may follow is in [`rule`], how a release is recorded
//! in [`record`]. Nothing here starts an earlier executable: what it would do with what is written now is held by what it
//! wrote itself, which has to be in there still.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod configuration;
mod database;
mod documents;
mod life;
mod messages;
mod openapi;
mod record;
mod release;
mod rest;
mod rule;
mod samples;
mod schema;
#[path = "../support/mod.rs"]
mod support;
