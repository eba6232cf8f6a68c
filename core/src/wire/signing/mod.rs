//! Who sent a message, to where, until when it counts, and proof of it: nothing runs that the cluster did not sign.
//!
//! ```text
//!   content ─▶ cut into parts ─▶ seal (key, stamp, subject) ─▶ bytes on the bus
//!   bytes ─▶ open (keys, subject, now) ─▶ not seen before? ─▶ parts joined ─▶ content
//! ```
//!
//! A sealed message is a header, the content, and an HMAC-SHA256 over the subject, the header and the content:
//!
//! | bytes | what |
//! |---|---|
//! | 3 | `CBW` |
//! | 1 | version of this layout: 1 |
//! | 4 | which key, the beginning of a hash of it |
//! | 8 | when it expires, milliseconds since the epoch |
//! | 8 | when its sender started, milliseconds since the epoch |
//! | 8 | its number among what this life of the sender sent to this subject, from 1 on |
//! | 2 + 2 | which part of how many |
//! | 1 + n | the sender's name |
//! | … | the content |
//! | 32 | the HMAC |
//!
//! All numbers are big-endian. Nothing here knows a bus, a clock or a file.

mod envelope;
mod key;
mod parts;
mod replay;

pub use envelope::{OVERHEAD, Opened, Refusal, Stamp, is_sealed};
pub use key::{Key, KeyError, Keyring};
pub use parts::{Joined, Joiner, MAX_PARTS, cut};
pub use replay::Seen;

#[cfg(test)]
mod tests;
