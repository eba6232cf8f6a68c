//! `[retention]`: what is deleted when.

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// What is deleted when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Runs that ended longer ago than this.
    pub runs_age: Period,
    /// The oldest ended runs of a job that has more than this many.
    pub runs_per_job: u32,
    /// The oldest revisions of a job that has more than this many, but for those that a run names which is kept.
    pub revisions: u32,
    /// Output that is older than this.
    pub log_age: Period,
    /// How often to look.
    pub every: Period,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            runs_age: Period::from_secs(30 * DAY),
            runs_per_job: 10_000,
            revisions: 100,
            log_age: Period::from_secs(14 * DAY),
            every: Period::from_secs(600),
        }
    }
}
