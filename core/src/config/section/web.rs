//! `[web]`: REST, the web admin, health and metrics.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bytesize::ByteSize;

/// REST, the web admin, health and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// `host:port`; port 0 takes a free one.
    pub listen: String,
    /// File that holds the administrator's token. Empty: see [`super::super::Config::token_path`].
    pub token_file: PathBuf,
    /// The largest request body that is read.
    pub max_body: ByteSize,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: "127.0.0.1:7373".to_owned(), token_file: PathBuf::new(), max_body: ByteSize::mib(4) }
    }
}
