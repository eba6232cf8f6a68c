//! `[health]`: health and metrics on a listener of their own.

use serde::{Deserialize, Serialize};

/// Health and metrics on a listener of their own: for nodes without the role web, and for probes that shall reach nothing
/// else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// `host:port`; port 0 takes a free one. Empty: none.
    pub listen: String,
}
