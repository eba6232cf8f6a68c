//! `[dispatcher]`: turns due moments into runs and records their outcomes.

use serde::{Deserialize, Serialize};

use crate::duration::Period;

/// Turns due moments into runs and records their outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatcher {
    /// How long outcomes are collected before they are written.
    pub flush: Period,
    /// How many outcomes are written at once, even before the time is up.
    pub flush_rows: u32,
    /// How long a node must have been gone from the register of members before the runs that it may have begun are lost.
    /// Never less than `membership.lease`.
    pub lost_after: Period,
}

impl Default for Dispatcher {
    fn default() -> Self {
        Self { flush: Period::from_millis(50), flush_rows: 5_000, lost_after: Period::from_secs(10) }
    }
}
