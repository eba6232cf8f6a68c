//! `[audit]`: for how long is kept who did what.

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// For how long is kept who did what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// For how long; older entries are forgotten as old runs are, every `retention.every`.
    pub keep: Period,
}

impl Default for Audit {
    fn default() -> Self {
        Self { keep: Period::from_secs(400 * 86_400) }
    }
}
