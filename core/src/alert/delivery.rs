//! One message on its way over one channel: when it is tried again, and when that ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::{ChannelName, Message, MessageId};
use crate::port::notifier::{Error, Receipt};
use crate::time::Timestamp;

/// The pauses between tries: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));

/// The longest pause that the other end may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3_600);

/// The longest answer that is kept, in characters.
const LONGEST_DETAIL: usize = 500;

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is tried until it was taken.
    Waiting,
    /// It was taken.
    Delivered,
    /// It will never be taken.
    Refused,
    /// It was tried for too long.
    GaveUp,
}

impl Progress {
    /// All of them, by number.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Refused, Self::GaveUp];

    /// The word for it in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
        }
    }

    /// The number the store keeps.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// One message on its way over one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// What is told.
    pub message: Message,
    /// Over which channel.
    pub channel: ChannelName,
    /// Since when.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// How far it has come.
    pub progress: Progress,
    /// What the other end said last.
    pub detail: String,
}

/// What came of one try.
pub type Attempted = Result<Receipt, Error>;

impl Delivery {
    /// One that was not tried yet.
    #[must_use]
    pub const fn new(channel: ChannelName, message: Message, now: Timestamp) -> Self {
        let progress = Progress::Waiting;
        Self { message, channel, created_at: now, due_at: now, tries: 0, progress, detail: String::new() }
    }

    /// The message's.
    #[must_use]
    pub const fn id(&self) -> MessageId {
        self.message.id
    }

    /// What it is after a try.
    #[must_use]
    pub fn after(mut self, attempted: &Attempted, now: Timestamp, give_up_after: Duration) -> Self {
        self.tries = self.tries.saturating_add(1);
        let asked = match attempted {
            Ok(_) | Err(Error::NoSuchChannel { .. } | Error::Refused { .. }) => None,
            Err(Error::Unavailable { retry_after, .. }) => *retry_after,
        };
        self.progress = match attempted {
            Ok(_) => Progress::Delivered,
            Err(error) if !error.is_retryable() => Progress::Refused,
            Err(_) if now.since(self.created_at) >= give_up_after => Progress::GaveUp,
            Err(_) => Progress::Waiting,
        };
        let said = attempted.as_ref().map_or_else(ToString::to_string, |receipt| receipt.detail.clone());
        self.detail = said.chars().take(LONGEST_DETAIL).filter(|letter| *letter != '\0').collect();
        self.due_at = now + pause(self.tries).max(asked.unwrap_or_default().min(LONGEST_ASKED));
        self
    }
}

/// Doubled with every try.
fn pause(tries: u32) -> Duration {
    PAUSE.0.saturating_mul(1_u32 << tries.saturating_sub(1).min(16)).min(PAUSE.1)
}
