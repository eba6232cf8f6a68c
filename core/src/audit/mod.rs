//! Who did what: entries of the audit trail, and how they follow from what was changed.
//!
//! ```text
//!   handler ── Actor (who, from where, through which door) ──▶ Trail (and when) ──▶ Entry: action, object, before, after
//!                                                                                     │ in the transaction of the change
//!                                                                                     ▼
//!                                                                       port::store: kept, listed, forgotten by age
//! ```
//!
//! An entry is never changed once it is written. It holds what a definition was and became, so that it can be read after
//! the revisions are forgotten; it never holds the value of a secret, a password or a token.

mod action;
mod actor;
mod difference;
mod entry;
mod of_job;
#[cfg(test)]
mod tests;

pub use action::{Action, ActionError};
pub use actor::{Actor, Door, Kind};
pub use difference::{Difference, differences};
pub use entry::{Entry, EntryId, Object, ObjectKind, ParseEntryIdError, Trail};
pub use of_job::of_job;
