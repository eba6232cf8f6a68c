//! Job documents: reading them, checking them, comparing them with what there is, and writing them.
//!
//! ```text
//!  TOML ─┐                                  ┌─▶ validate: is each value allowed?
//!  YAML ─┼─▶ node: values with lines ─▶ typed: Definition ─▶ diff: what would applying it change?
//!  JSON ─┘        (read)          every fault with path,    └─▶ write: TOML, YAML, JSON again
//!                                 line, value and advice
//! ```
//!
//! What is given to a job when it is run is checked here, too (`given`): it stands in the same templates.
//!
//! A document is written by a stranger: its size, depth, number of jobs and number of reported faults are bounded, and
//! YAML's aliases are counted before they are followed. Nothing here opens a file.

mod diff;
mod error;
mod format;
mod given;
mod json;
mod keys;
mod node;
mod read;
mod toml;
mod typed;
mod validate;
mod write;
mod yaml;
mod yaml_text;

pub use diff::{Change, FieldChange, Plan, diff};
pub use error::{Error, FieldError, Problem};
pub use format::Format;
pub use given::check_given;
pub use read::{MAX_BYTES, MAX_JOBS, read, read_valid, read_valid_beside};
pub use typed::definition;
pub use validate::validate;
pub use write::{WriteError, write, write_json, write_toml, write_yaml};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
