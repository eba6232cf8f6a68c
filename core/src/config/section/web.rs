//! `[web]`: REST, the web admin, health and metrics.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bytesize::ByteSize;
use crate::duration::Period;

/// REST, the web admin, health and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// `host:port`; port 0 takes a free one.
    pub listen: String,
    /// What browsers and programs are shown, as PEM: the certificate and those between it and an authority. Empty: no TLS.
    pub certificate_file: PathBuf,
    /// The key to it, as PEM.
    pub key_file: PathBuf,
    /// File that holds the administrator's token. Empty: see [`super::super::Config::token_path`].
    pub token_file: PathBuf,
    /// The largest request body that is read.
    pub max_body: ByteSize,
    /// How long a browser that signed in may be left alone before it has to sign in again.
    pub session_idle: Period,
    /// How long it may stay signed in at all.
    pub session_longest: Period,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7373".to_owned(),
            certificate_file: PathBuf::new(),
            key_file: PathBuf::new(),
            token_file: PathBuf::new(),
            max_body: ByteSize::mib(4),
            session_idle: Period::from_secs(12 * 3600),
            session_longest: Period::from_secs(7 * 24 * 3600),
        }
    }
}
