//! `[monitor]`: watches jobs, runs and nodes.

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// Watches jobs, runs and nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// How often it looks for jobs that another process changed in the database.
    pub refresh: Period,
    /// A run that starts later than this after its due moment is reported as late.
    pub late_after: Period,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { refresh: Period::from_millis(500), late_after: Period::from_secs(5) }
    }
}
