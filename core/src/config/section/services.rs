//! `[database]`, `[bus]`, `[membership]`, `[guard]`: what the node leans on, chosen by URL.
//!
//! Which schemes there are, and which of them go together, is checked when the configuration is loaded.

use serde::{Deserialize, Serialize};

use crate::config::url::ServiceUrl;
use crate::duration::Period;

/// The truth: jobs, runs, watermarks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH`; without a path see [`super::super::Config::database_path`].
    pub url: ServiceUrl,
    /// How long a statement waits for another process that is writing.
    pub busy_timeout: Period,
    /// How many connections are kept for reading.
    pub pool: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: ServiceUrl::new("sqlite://"), busy_timeout: Period::from_secs(5), pool: 4 }
    }
}

/// How messages reach other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// `local:` for one node.
    pub url: ServiceUrl,
}

impl Default for Bus {
    fn default() -> Self {
        Self { url: ServiceUrl::local() }
    }
}

/// Which nodes live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// `local:` for one node.
    pub url: ServiceUrl,
}

impl Default for Membership {
    fn default() -> Self {
        Self { url: ServiceUrl::local() }
    }
}

/// What keeps the losers of a race from reaching the database; the database itself decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// `local:` for one node.
    pub url: ServiceUrl,
}

impl Default for Guard {
    fn default() -> Self {
        Self { url: ServiceUrl::local() }
    }
}
