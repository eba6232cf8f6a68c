//! `[bus]`: how messages reach other nodes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bytesize::ByteSize;
use crate::config::url::ServiceUrl;
use crate::duration::Period;

/// How messages reach other nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// `local:` for one node; `nats://[user:password@]host[:port],…` or `nats://token@host` for NATS with JetStream.
    pub url: ServiceUrl,
    /// A file with a user's JWT and seed, as `nsc` makes them; empty: none.
    pub credentials_file: PathBuf,
    /// A file with the seed of an nkey; empty: none.
    pub nkey_file: PathBuf,
    /// The certificates that the servers' must be signed by, as PEM; empty: the system's.
    pub ca_file: PathBuf,
    /// The certificate that this node shows to the servers, as PEM; empty: none.
    pub certificate_file: PathBuf,
    /// The key to it.
    pub key_file: PathBuf,
    /// How many servers keep each message.
    pub replicas: u32,
    /// How large each stream may become; the server sets so much aside for each.
    pub max_bytes: ByteSize,
    /// How many messages may wait for one node before those who send to it wait, too.
    pub max_waiting: u32,
    /// How many messages may be on their way to the server at a time.
    pub in_flight: u32,
    /// How large the stream of what runs print may become: the oldest goes first. Nodes that execute send it there, so
    /// that it can be read on any other.
    pub log_max_bytes: ByteSize,
    /// For how long that stream keeps what runs print.
    pub log_max_age: Period,
    /// Whose submissions are taken over the bus.
    pub submit: Submit,
}

/// Whose submissions are taken over the bus. Written `"auto"`, `true` or `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Submit {
    /// Those that are signed with the cluster's key, and all of them where the server asks its clients who they are.
    #[default]
    Auto,
    /// Those of everybody who reaches the server.
    Always,
    /// Nobody's.
    Never,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Flag(bool),
    Word(String),
}

impl TryFrom<Written> for Submit {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let word = match &written {
            Written::Flag(flag) => return Ok(if *flag { Self::Always } else { Self::Never }),
            Written::Word(word) => word,
        };
        match word.as_str() {
            "auto" => Ok(Self::Auto),
            "true" => Ok(Self::Always),
            "false" => Ok(Self::Never),
            _ => Err("write \"auto\", true or false".to_owned()),
        }
    }
}

impl From<Submit> for Written {
    fn from(submit: Submit) -> Self {
        match submit {
            Submit::Auto => Self::Word("auto".to_owned()),
            Submit::Always => Self::Flag(true),
            Submit::Never => Self::Flag(false),
        }
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            url: ServiceUrl::local(),
            credentials_file: PathBuf::new(),
            nkey_file: PathBuf::new(),
            ca_file: PathBuf::new(),
            certificate_file: PathBuf::new(),
            key_file: PathBuf::new(),
            replicas: 1,
            max_bytes: ByteSize::mib(256),
            max_waiting: 10_000,
            in_flight: 256,
            log_max_bytes: ByteSize::mib(512),
            log_max_age: Period::from_secs(14 * 86_400),
            submit: Submit::Auto,
        }
    }
}
