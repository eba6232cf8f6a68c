//! The output of a run on its way to the log.
//!
//! ```text
//! pipes, response body ──▶ Recorder ──▶ Keeper: head │ … left out … │ tail ──▶ log writer, in batches
//! ```
//!
//! [`keeper`] decides what is kept and never does I/O; [`recorder`] stamps, batches and writes.

mod keeper;
mod recorder;

pub(super) use recorder::Recorder;
