//! What carries a message to people: mail, text messages, chats, webhooks. It sends what it is given, once for each
//! call; what to tell whom, and when to try again, is decided in `alert`.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::alert::{ChannelName, Message};

/// The channels of this cluster.
#[async_trait]
pub trait Notifier: Send + Sync + Debug {
    /// The names of the channels there are, in order.
    fn channels(&self) -> Vec<ChannelName>;

    /// Sends one message over one channel. A message that is sent again, with the same id, may be seen twice by people
    /// unless the service at the other end recognises the id.
    ///
    /// # Errors
    /// `NoSuchChannel` and `Refused`: sending it again would not help. `Unavailable`: it may.
    async fn deliver(&self, channel: &ChannelName, message: &Message) -> Result<Receipt, Error>;
}

/// The other end took the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What it answered, for people: one line without secrets.
    pub detail: String,
}

/// The message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody configured such a channel on this node.
    #[error(
        "channel: there is no channel `{channel}`; {}",
        if there_are.is_empty() {
            "none is configured: write [alerts.channel.NAME] into the configuration".to_owned()
        } else {
            format!("there are {}", there_are.iter().map(ChannelName::as_str).collect::<Vec<_>>().join(", "))
        }
    )]
    NoSuchChannel {
        /// The one asked for.
        channel: ChannelName,
        /// Those there are.
        there_are: Vec<ChannelName>,
    },
    /// The service at the other end will never take this message.
    #[error("channel `{channel}`: {detail}")]
    Refused {
        /// Over which channel.
        channel: ChannelName,
        /// What it answered, or what is wrong with the channel's settings.
        detail: String,
    },
    /// It did not answer, or asked to be left alone for a while.
    #[error("channel `{channel}`: {detail}")]
    Unavailable {
        /// Over which channel.
        channel: ChannelName,
        /// What was tried and what came of it.
        detail: String,
        /// For how long it asked to be left alone.
        retry_after: Option<Duration>,
    },
}

impl Error {
    /// Whether the same message may be taken later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// The notifier of a node for which nobody configured a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

#[async_trait]
impl Notifier for Silent {
    fn channels(&self) -> Vec<ChannelName> {
        Vec::new()
    }

    async fn deliver(&self, channel: &ChannelName, _: &Message) -> Result<Receipt, Error> {
        Err(Error::NoSuchChannel { channel: channel.clone(), there_are: Vec::new() })
    }
}
