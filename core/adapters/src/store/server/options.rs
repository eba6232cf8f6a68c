//! How a database server is used.

use std::time::Duration;

/// Sizes and patience. For SQLite, `pool` is the number of readers and `statement_timeout` how long a writer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// How many connections at most; at least 1.
    pub pool: usize,
    /// How long a connection may take to come about, and a call to get one.
    pub connect_timeout: Duration,
    /// How long one statement may take before the server gives it up.
    pub statement_timeout: Duration,
    /// After how long without use a connection is replaced rather than trusted.
    pub idle_timeout: Duration,
    /// Whether opening brings the schema up to this version; a SQLite file always is.
    pub migrate: bool,
}

impl Default for OpenOptions {
    /// Four connections, 5 s to connect, 30 s a statement, 5 min idle; the schema of a server is left alone.
    fn default() -> Self {
        Self {
            pool: 4,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(5),
            migrate: false,
        }
    }
}

impl OpenOptions {
    /// How long a whole call of the port may take: a server that hangs must not hold its caller for ever.
    pub(in crate::store) fn patience(&self) -> Duration {
        self.connect_timeout.saturating_mul(2).saturating_add(self.statement_timeout)
    }
}
