//! The command line: one file for each command, around a client of the REST interface.
//!
//! ```text
//!   dispatch ─▶ job/…, run/…, alert/…, account/…, nodes, apply, export, import ─▶ client ─▶ a node          (REST)
//!           ├─▶ submit ─▶ NATS ─▶ a node                                                 (the bus)
//!           ├─▶ doctor ─▶ this machine, the servers of the configuration                  (a node may be away)
//!           ├─▶ upgrade ─▶ a signal to the node beside it                                (the data directory)
//!           └─▶ cron, config, cluster, migrate, completions, man                        (no node needed)
//!                        all of them write through terminal, as tables or as JSON
//! ```
//!
//! Commands decide nothing about jobs and runs: they ask a node, and show what it says.

pub(crate) mod account;
pub(crate) mod advice;
pub(crate) mod alert;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod cron;
pub(crate) mod dispatch;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod exit;
pub(crate) mod export;
pub(crate) mod hidden;
pub(crate) mod import;
pub(crate) mod import_gocron;
pub(crate) mod input;
pub(crate) mod job;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod nodes;
pub(crate) mod pages;
pub(crate) mod pair;
pub(crate) mod progress;
pub(crate) mod relative;
pub(crate) mod run;
pub(crate) mod secret;
pub(crate) mod submit;
pub(crate) mod table;
pub(crate) mod terminal;
mod trust;
pub(crate) mod upgrade;
mod wall_clock;
pub(crate) mod zone;

pub(crate) use wall_clock::now;
