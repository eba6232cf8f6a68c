//! Telling people: what happened (`event`), and what is said of it (`message`).
//!
//! Nothing here sends: messages leave through the port [`crate::port::Notifier`].

mod event;
mod message;

pub use event::{EventKind, Severity, UnknownKind};
pub use message::{ChannelName, ChannelNameError, Fact, Message, MessageId};
