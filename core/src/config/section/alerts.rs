//! `[alerts]`: telling people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::alert::ChannelName;
use crate::alert::channel::Channel;
use crate::duration::Period;

/// Telling people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// The address of the web admin as people reach it, which messages link to. Empty: they have no links.
    pub url: String,
    /// How long one attempt to deliver a message may take.
    pub timeout: Period,
    /// Over what. Read apart from the other keys, since their names are not known beforehand.
    #[serde(skip)]
    pub channel: BTreeMap<ChannelName, Channel>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { url: String::new(), timeout: Period::from_secs(15), channel: BTreeMap::new() }
    }
}
