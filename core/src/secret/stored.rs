//! A secret as it is kept: everything but its value, and that sealed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::name::SecretName;
use crate::job::Definition;
use crate::job::target::Nodes;
use crate::time::Timestamp;

/// The shortest value, in bytes: a shorter one would be masked all over the output of runs.
pub const SHORTEST_VALUE: usize = 4;

/// The longest value, in bytes: what Linux takes as one variable, with room beside it.
pub const LONGEST_VALUE: usize = 64 << 10;

/// A secret as it is kept. What is sealed is bound to name and version: it opens nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Its name.
    pub name: SecretName,
    /// 1 at first, one more with each value and with each change of the key.
    pub version: i64,
    /// The groups whose jobs may use it; empty means every job.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// When it was given this value.
    pub updated_at: Timestamp,
    /// Who gave it.
    pub updated_by: String,
    /// The sealed value, as the vault wrote it.
    pub sealed: String,
}

impl Secret {
    /// What sealed values are bound to.
    #[must_use]
    pub fn bound_to(name: &SecretName, version: i64) -> String {
        format!("cronbus secret {name} version {version}")
    }

    /// Whether this job may use it: by the group that its target names.
    #[must_use]
    pub fn is_for(&self, definition: &Definition) -> bool {
        self.groups.is_empty()
            || matches!(&definition.target.nodes, Nodes::Group(group) if self.groups.contains(&**group))
    }
}

/// The text cannot be the value of a secret. It never says what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Too short.
    #[error("a value of {0} bytes is too short: it would be masked all over the output of runs; use at least 4")]
    TooShort(usize),
    /// Too long.
    #[error("a value of {0} bytes is too long: use at most 65536")]
    TooLong(usize),
    /// It holds what no process can be given.
    #[error("the value holds a NUL byte, which no process can be given")]
    Nul,
}

/// Whether this can be the value of a secret.
///
/// # Errors
/// When it is too short or too long, or holds a NUL.
pub fn check_value(value: &str) -> Result<(), ValueError> {
    match value.len() {
        short if short < SHORTEST_VALUE => Err(ValueError::TooShort(short)),
        long if long > LONGEST_VALUE => Err(ValueError::TooLong(long)),
        _ if value.contains('\0') => Err(ValueError::Nul),
        _ => Ok(()),
    }
}
