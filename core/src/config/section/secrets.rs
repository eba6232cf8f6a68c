//! `[secrets]`: the key that the secrets of jobs are sealed with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::secret::Secret;

/// The key that the secrets of jobs are sealed with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The file of the key, or of two while it is changed; empty: none, and a single node makes its own.
    pub key_file: PathBuf,
    /// The key itself, for where it comes from the environment. It goes before the file.
    pub key: Secret,
}
