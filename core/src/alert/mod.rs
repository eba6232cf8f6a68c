//! Telling people: what happened, who wants to hear of it, and what is told when.
//!
//! ```text
//!   a run ends, a job is silent, a node is gone ──▶ event
//!                                                    │  kind, of_run: what happened, and whether anybody could want it
//!                                                    ▼
//!   rule, pattern ──▶ engine: one incident for each thing that is wrong ◀── silence, acknowledgement
//!                       │     told once, told again when it is well, escalated
//!                       ▼
//!                     desk: one for each channel; a storm becomes one message, never more than so many in a while
//!                       │
//!                       ▼
//!                     message (wording) ──▶ delivery: until it was taken, or too old
//!                       │
//!                       ▼
//!                     text ─────▶ preset/ ─▶ requests and mails, as each service wants them
//!                     template ─▶    ▲       and what its answers mean
//!                                 channel/   (what the configuration says of each channel)
//! ```
//!
//! All of it is decided by plain state machines: state, event and time in, state and messages out. Nothing here sends:
//! messages leave through the port [`crate::port::Notifier`]. What is kept in between is in `port::store`.

pub mod channel;
mod delivery;
pub(crate) mod desk;
mod engine;
mod event;
mod incident;
mod kind;
mod message;
mod of_run;
mod pattern;
pub mod preset;
pub mod reach;
mod redacted;
mod rule;
mod silence;
pub mod template;
pub mod text;
mod unfinished;
mod wording;

#[cfg(test)]
mod tests;

pub use delivery::{Attempted, Delivery, Progress};
pub use desk::{Desk, Limits, Spared};
pub use engine::{Changes, Engine};
pub use event::{Event, EventId, JobFacts, ParseEventIdError, Subject};
pub use incident::{Acknowledgement, Escalating, Incident, Told};
pub use kind::{Aspect, EventKind, Severity, UnknownKind};
pub use message::{ChannelName, ChannelNameError, Fact, Message, MessageId, ParseMessageIdError};
pub use of_run::of_run;
pub use pattern::{Pattern, PatternError};
pub use rule::{Escalation, Factor, Interest, Rule, Rules};
pub use silence::{Matcher, ParseSilenceIdError, Silence, SilenceId};
pub use unfinished::{of_no_success, of_unfinished};
