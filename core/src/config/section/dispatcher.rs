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
    /// How many runs may be created and not yet ended; what is due beyond that waits.
    pub in_flight: u32,
    /// How long what is collected may take to be written when the node ends.
    pub drain_wait: Period,
    /// How many ad-hoc submissions may wait to be created; more are refused.
    pub adhoc_pending: u32,
    /// How long an idempotency key is remembered.
    pub adhoc_key_age: Period,
}

impl Default for Dispatcher {
    fn default() -> Self {
        Self {
            flush: Period::from_millis(50),
            flush_rows: 5_000,
            in_flight: 200_000,
            drain_wait: Period::from_secs(10),
            adhoc_pending: 100_000,
            adhoc_key_age: Period::from_secs(86_400),
        }
    }
}
