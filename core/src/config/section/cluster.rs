//! `[cluster]`: how the nodes of a cluster know each other's messages.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::secret::Secret;
use crate::duration::Period;

/// How the nodes of a cluster know each other's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The file of the cluster's key, or of two while it is changed; empty: none.
    pub key_file: PathBuf,
    /// The key itself, for where it comes from the environment. It goes before the file.
    pub key: Secret,
    /// How long a message may wait for its receiver before it is refused.
    pub message_ttl: Period,
    /// How far the clocks of the nodes may differ.
    pub clock_skew: Period,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            key_file: PathBuf::new(),
            key: Secret::default(),
            message_ttl: Period::from_secs(15 * 60),
            clock_skew: Period::from_secs(30),
        }
    }
}
