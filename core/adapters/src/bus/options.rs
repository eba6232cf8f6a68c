//! What a connection to NATS needs to be told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::config::ServiceUrl;
use cronbus_core::id::NodeName;
use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::signing::Keyring;

/// What the bus needs to be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// `nats://[user:password@]host[:port],…` or `nats://token@host`.
    pub url: ServiceUrl,
    /// Who this is; the connection has this name, too.
    pub node: NodeName,
    /// When this node started: its messages are numbered from there.
    pub life: Timestamp,
    /// How the server knows it, and how it knows the server.
    pub login: Login,
    /// How nodes know each other's messages.
    pub trust: Trust,
    /// How much the server keeps.
    pub limits: Limits,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// How a server and its client know each other, beyond what the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// A file with a user's JWT and seed.
    pub credentials_file: Option<PathBuf>,
    /// A file with the seed of an nkey.
    pub nkey_file: Option<PathBuf>,
    /// The certificates that the servers' must be signed by, as PEM. With it, nothing but TLS is spoken.
    pub ca_file: Option<PathBuf>,
    /// The certificate to show, and its key, as PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// How nodes know each other's messages.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The cluster's keys.
    pub keys: Keyring,
    /// How long a message counts.
    pub message_ttl: Duration,
    /// How far clocks may differ.
    pub clock_skew: Duration,
}

/// How much the server keeps, and how much is under way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many servers keep each message.
    pub replicas: u32,
    /// How large each stream may become, in bytes.
    pub max_bytes: u64,
    /// How large the stream of what runs print may become, in bytes.
    pub log_max_bytes: u64,
    /// For how long that keeps it.
    pub log_max_age: Duration,
    /// How many messages may wait for one node.
    pub max_waiting: u32,
    /// How many messages may be on their way to the server at a time.
    pub in_flight: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            replicas: 1,
            max_bytes: 256 << 20,
            log_max_bytes: 512 << 20,
            log_max_age: Duration::from_secs(14 * 86_400),
            max_waiting: 10_000,
            in_flight: 256,
        }
    }
}
