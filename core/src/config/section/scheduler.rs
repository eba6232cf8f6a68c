//! `[scheduler]`: knows the time and says what is due.

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// Knows the time and says what is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduler {
    /// How long before its due moment a run is created and handed to its host.
    pub lookahead: Period,
    /// What is created later than this after its due moment is answered by the job's misfire policy.
    pub misfire_after: Period,
    /// How many due moments are handed over at a time.
    pub batch: u32,
    /// How many of the first moments that one job missed, and how many of the last, have rows of their own; one more row
    /// stands for all between them.
    pub missed_rows_per_job: u32,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            lookahead: Period::from_secs(2),
            misfire_after: Period::from_secs(5),
            batch: 10_000,
            missed_rows_per_job: 10_000,
        }
    }
}
