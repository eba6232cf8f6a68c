//! What is asked of the measurement.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

/// What a node does unless it is told otherwise.
pub(crate) const LOOKAHEAD_MS: u64 = 2_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the nodes and the truth are.
    #[arg(long, value_enum, default_value = "embedded")]
    pub(super) mode: Mode,
    /// The database of a cluster.
    #[arg(long, value_enum, default_value = "mysql")]
    pub(super) store: Database,
    /// So many slots due at once.
    #[arg(long, conflicts_with_all = ["rate", "seconds"])]
    pub(super) runs: Option<usize>,
    /// So many slots due every second, spread over it.
    #[arg(long, default_value_t = 10_000)]
    pub(super) rate: usize,
    /// For so long.
    #[arg(long, default_value_t = 10)]
    pub(super) seconds: usize,
    /// How long before they are due slots are created and handed over, in milliseconds.
    #[arg(long, default_value_t = LOOKAHEAD_MS)]
    pub(super) lookahead_ms: u64,
    /// Keep everything in this folder; a temporary one by default. Not for a cluster.
    #[arg(long)]
    pub(super) folder: Option<PathBuf>,
    /// The executable of a cluster's nodes; by default the one built beside this program.
    #[arg(long)]
    pub(super) executable: Option<PathBuf>,
}

impl Arguments {
    /// How long before they are due slots are created and handed over.
    pub(super) const fn lookahead(&self) -> Duration {
        Duration::from_millis(self.lookahead_ms)
    }

    /// `runs` slots at once, with the truth in memory.
    pub(crate) const fn at_once_in_memory(runs: usize, lookahead_ms: u64) -> Self {
        Self {
            mode: Mode::Memory,
            store: Database::Mysql,
            runs: Some(runs),
            rate: 0,
            seconds: 0,
            lookahead_ms,
            folder: None,
            executable: None,
        }
    }
}

/// Where the nodes and the truth are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// A node in this process, the truth in SQLite, durable.
    Embedded,
    /// A node in this process, the truth in memory: what is left when the database costs nothing.
    Memory,
    /// Processes on NATS, etcd, Redis and a database server, all of them on this machine.
    Cluster,
}

impl Mode {
    /// Its name in the result.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Memory => "memory",
            Self::Cluster => "cluster",
        }
    }
}

/// The database of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Database {
    /// MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgres,
}
