//! What a run of a job may use at the most, where its author says so. Holding it to that is the runner's.

use serde::{Deserialize, Serialize};

use crate::bytesize::ByteSize;

/// What the processes of one run may use together. What is absent is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Memory. A run that needs more is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// Processors: 0.5 is half of the time of one. A run that wants more is slower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Processes and threads at a time. A run that wants more cannot start them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
}

impl Limits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
