//! What nodes say to each other.
//!
//! Inside one process messages are passed as they are; between hosts an adapter encodes them ([`encoding`]), signs them
//! ([`signing`]) and sends them to a subject ([`subject`]). All of them carry batches, and all may arrive twice.
//! What plain clients may say besides is in [`submission`].

pub mod encoding;
pub mod signing;
pub mod subject;
pub mod submission;

mod messages;
mod numbers;

pub use messages::{Assignment, AssignmentBatch, Control, DueBatch, Durable, Handover, Message, Report, Request};
pub use numbers::Numbers;
