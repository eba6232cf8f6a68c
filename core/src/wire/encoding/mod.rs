//! Messages as bytes.
//!
//! ```text
//!   content = kind ─┬─ 0: the message as JSON, in one piece
//!                   ├─ 1: assignments ─▶ sections: head, jobs, params, rows
//!                   ├─ 2: controls ────▶ sections: controls
//!                   └─ 3: reports ─────▶ sections: node, reports
//!   section = tag, length, postcard of the wire's own structs
//! ```
//!
//! What is sent once for every run has a compact form; everything else is JSON, where size and time do not matter. In a
//! batch of assignments each job stands once, its definition as the same JSON that documents and the store have.
//!
//! **How it may change:** a reader passes over sections and JSON fields it does not know, so a newer writer may add some.
//! A kind that a reader does not know is refused with the reason. A section that is there never changes its form: a new
//! form is a new tag, sent beside the old one until no reader needs that any more. A job that a reader cannot read is
//! left out with its assignments, and the rest is taken: its dispatcher asks what became of them and goes elsewhere.

mod assignments;
mod controls;
mod reports;
mod sections;

use crate::wire::Message;

/// What begins each kind of content.
mod kind {
    pub(super) const JSON: u8 = 0;
    pub(super) const ASSIGNMENTS: u8 = 1;
    pub(super) const CONTROLS: u8 = 2;
    pub(super) const REPORTS: u8 = 3;
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// What could be read.
    pub message: Message,
    /// Why something of it was left out: usually nothing.
    pub left_out: Vec<String>,
}

/// A message cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message cannot be written: {reason}")]
pub struct EncodeError {
    reason: String,
}

impl EncodeError {
    fn new(reason: &impl ToString) -> Self {
        Self { reason: reason.to_string() }
    }
}

/// Bytes are no message that this version can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A newer version may know it.
    #[error("it is of kind {kind}, which this version does not know: update the node")]
    UnknownKind {
        /// The number that stands for the kind.
        kind: u8,
    },
    /// It is not what its kind says.
    #[error("its {part} cannot be read: {reason}")]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Writes a message.
///
/// # Errors
/// When a job of it cannot be written.
pub fn encode(message: &Message) -> Result<Vec<u8>, EncodeError> {
    match message {
        Message::Assign(batch) => assignments::encode(batch),
        Message::Control(controls) => controls::encode(controls),
        Message::Reports { node, reports } => reports::encode(node, reports),
        #[allow(unreachable_patterns, reason = "every message that has no form of its own")]
        other => {
            let mut content = vec![kind::JSON];
            serde_json::to_writer(&mut content, other).map_err(|error| EncodeError::new(&error))?;
            Ok(content)
        }
    }
}

/// Reads a message.
///
/// # Errors
/// When it is of an unknown kind, or not what its kind says.
pub fn decode(content: &[u8]) -> Result<Decoded, DecodeError> {
    let unreadable = |reason: &str| DecodeError::Unreadable { part: "kind", reason: reason.to_owned() };
    let (kind, body) = content.split_first().ok_or_else(|| unreadable("the message is empty"))?;
    let whole = |message| Decoded { message, left_out: Vec::new() };
    match *kind {
        kind::JSON => serde_json::from_slice(body)
            .map(whole)
            .map_err(|error| DecodeError::Unreadable { part: "JSON", reason: error.to_string() }),
        kind::ASSIGNMENTS => assignments::decode(body),
        kind::CONTROLS => controls::decode(body).map(whole),
        kind::REPORTS => reports::decode(body).map(whole),
        kind => Err(DecodeError::UnknownKind { kind }),
    }
}

#[cfg(test)]
mod releases;
#[cfg(test)]
mod tests;
