//! Telling people: what happened (`event`), and what is said of it (`message`).
//!
//! ```text
//!   message ─▶ text ─────▶ preset/ ─▶ requests and mails, as each service wants them
//!           └▶ template ─▶    ▲       and what its answers mean
//!                          channel/   (what the configuration says of each channel)
//! ```
//!
//! Nothing here sends: messages leave through the port [`crate::port::Notifier`].

pub mod channel;
mod event;
mod message;
pub mod preset;
pub mod reach;
mod redacted;
pub mod template;
pub mod text;

pub use event::{EventKind, Severity, UnknownKind};
pub use message::{ChannelName, ChannelNameError, Fact, Message, MessageId};
