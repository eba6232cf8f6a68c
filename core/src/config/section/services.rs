//! `[database]`, `[membership]`, `[guard]`: what the node leans on, chosen by URL.
//!
//! Which schemes there are, and which of them go together, is checked when the configuration is loaded.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::url::ServiceUrl;
use crate::duration::Period;

/// The truth: jobs, runs, watermarks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH`; without a path see [`super::super::Config::database_path`]. `mysql://…` and `postgres://…` for
    /// servers.
    pub url: ServiceUrl,
    /// Whether a node brings the schema of a server to its version when it starts; that of a SQLite file always is.
    pub migrate: bool,
    /// SQLite: how long a statement waits for another process that is writing.
    pub busy_timeout: Period,
    /// How many connections are kept, with SQLite for reading.
    pub pool: u32,
    /// Servers: how long a connection may take to come about, and a call to get one.
    pub connect_timeout: Period,
    /// Servers: how long one statement may take.
    pub statement_timeout: Period,
    /// Servers: after how long without use a connection is replaced.
    pub idle_timeout: Period,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: ServiceUrl::new("sqlite://"),
            migrate: false,
            busy_timeout: Period::from_secs(5),
            pool: 4,
            connect_timeout: Period::from_secs(5),
            statement_timeout: Period::from_secs(30),
            idle_timeout: Period::from_secs(300),
        }
    }
}

/// Which nodes live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// `local:` for one node; `etcd://[user:password@]host[:port],…[/prefix]`, or `etcds://` for TLS.
    pub url: ServiceUrl,
    /// For how long this node counts as alive after it was last heard of.
    pub lease: Period,
    /// Certificates that the servers' are checked against, as PEM. Empty: those of the system.
    pub ca_file: PathBuf,
    /// This node's certificate, as PEM. Empty: none is shown.
    pub certificate_file: PathBuf,
    /// The key to it.
    pub key_file: PathBuf,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            url: ServiceUrl::local(),
            lease: Period::from_secs(10),
            ca_file: PathBuf::new(),
            certificate_file: PathBuf::new(),
            key_file: PathBuf::new(),
        }
    }
}

/// What keeps the losers of a race from reaching the database; the database itself decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// `local:` for one node; `redis://[user:password@]host[:port][/number]` and its kin.
    pub url: ServiceUrl,
    /// How long an answer is waited for; after that runs are created without the guard until it answers again.
    pub timeout: Period,
    /// How long entries of durable runs stay.
    pub keep: Period,
    /// Certificates that the servers' are checked against, as PEM. Empty: those of the system.
    pub ca_file: PathBuf,
    /// This node's certificate, as PEM. Empty: none is shown.
    pub certificate_file: PathBuf,
    /// The key to it.
    pub key_file: PathBuf,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            url: ServiceUrl::local(),
            timeout: Period::from_millis(500),
            keep: Period::from_secs(600),
            ca_file: PathBuf::new(),
            certificate_file: PathBuf::new(),
            key_file: PathBuf::new(),
        }
    }
}
