//! What nodes say to each other.
//!
//! Inside one process messages are passed as they are; between hosts an adapter encodes them ([`encoding`]), signs them
//! ([`signing`]) and sends them to a subject ([`subject`]). All of them carry batches, and all may arrive twice.
//! What plain clients may say besides is in [`submission`].
//!
//! # How it may change
//!
//! During an upgrade, nodes of two releases that follow each other talk to each other, in both directions. So:
//!
//! | layer | what a newer release may do | what an older one makes of it |
//! |---|---|---|
//! | the seal ([`signing`]) | another number of its layout | refused as `version`, with the advice to update |
//! | the kind of content ([`encoding`]) | a new kind, once every node in use reads it | refused as `unreadable`, with the advice to update |
//! | sections of a kind | new sections beside those that are there | passed over |
//! | JSON | new fields that may be absent | passed over |
//! | a job's definition | new fields, where somebody uses them | that job is left out, its runs go to a node that can read it |
//! | an entry of a section, the words of JSON | nothing: a new entry is a new section, or a new kind | refused as `unreadable` |
//! | a subject | nothing: what means something else has a subject of its own, under `cronbus.v2` when all of it does | — |
//!
//! What is refused is counted and told to [`subject::REJECTED`]; nothing stops a receiver. What an earlier release wrote is
//! recorded (`bins/tests/compatibility`), and has to be read as long as that release may be in use.

pub mod encoding;
pub mod signing;
pub mod subject;
pub mod submission;

mod messages;
mod numbers;

pub use messages::{
    Assignment, AssignmentBatch, Control, DueBatch, Durable, Handed, Handover, Message, Report, Request,
};
pub use numbers::Numbers;
