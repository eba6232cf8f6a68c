//! `[alerts]`: telling people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::alert::channel::Channel;
use crate::alert::{ChannelName, Rule};
use crate::duration::Period;

/// Telling people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// The address of the web admin as people reach it, which messages link to. Empty: they have no links.
    pub url: String,
    /// How long one attempt to deliver a message may take.
    pub timeout: Period,
    /// How long the first message for a channel waits for others, to be told together with them.
    pub group_wait: Period,
    /// More than this many that waited together become one message.
    pub group_over: u32,
    /// At most this many messages over one channel...
    pub rate: u32,
    /// ...in any span of this length; what comes beyond that is told together later.
    pub rate_window: Period,
    /// How long a message is tried that nobody takes.
    pub give_up_after: Period,
    /// How often to look for what nobody tells of: successes after failures, runs that take too long, silent jobs.
    pub look_every: Period,
    /// A node that is gone for longer than this, and was not drained, is an event `node_lost`.
    pub node_lost_after: Period,
    /// A service that does not answer a node for longer than this is an event `service_degraded`.
    pub service_lost_after: Period,
    /// Who wants to hear of what.
    pub rule: Vec<Rule>,
    /// Over what. Read apart from the other keys, since their names are not known beforehand.
    #[serde(skip)]
    pub channel: BTreeMap<ChannelName, Channel>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            url: String::new(),
            timeout: Period::from_secs(15),
            group_wait: Period::from_secs(5),
            group_over: 3,
            rate: 10,
            rate_window: Period::from_secs(600),
            give_up_after: Period::from_secs(86_400),
            look_every: Period::from_secs(15),
            node_lost_after: Period::from_secs(60),
            service_lost_after: Period::from_secs(30),
            rule: Vec::new(),
            channel: BTreeMap::new(),
        }
    }
}
