//! What nodes say to each other.
//!
//! Inside one process messages are passed as they are; between hosts an adapter encodes them. All of them carry batches,
//! and all may arrive twice.

mod messages;

pub use messages::{Assignment, AssignmentBatch, Control, DueBatch, Durable, Handover, Message, Report, Request};
