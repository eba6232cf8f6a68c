//! Why a message was not taken, or not answered.

use std::sync::Arc;
use std::time::Duration;

/// A message was not taken, or not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The actor ended for good, or it crashed over this very message.
    #[error("the {actor} did not answer: it has ended, or crashed over this message")]
    Closed {
        /// Whose mailbox.
        actor: Arc<str>,
    },
    /// The mailbox stayed full: the message was not sent.
    #[error(
        "the {actor} is too far behind: its mailbox of {capacity} messages was full for {waited:?}; try again later"
    )]
    Full {
        /// Whose mailbox.
        actor: Arc<str>,
        /// How many messages it holds.
        capacity: usize,
        /// How long there was no room.
        waited: Duration,
    },
    /// The message was sent and will be handled, but the answer did not come in time.
    #[error("the {actor} did not answer within {waited:?}; what was asked may still be done")]
    Late {
        /// Whose mailbox.
        actor: Arc<str>,
        /// How long was waited.
        waited: Duration,
    },
}

impl Error {
    /// Whether the same message may be taken or answered later. After [`Error::Late`] it may be handled twice then.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }
}
