//! Jobs: the list, one job, editing one, and what is done to one or many.
//!
//! ```text
//!   list ── bulk ──▶ a question ──▶ acts            edit ── form: fields ⇄ JSON of a definition ──▶ document, validate
//!   show ── actions ──▶ acts                          └── preview: the same reading, without writing
//! ```

pub(crate) mod actions;
pub(crate) mod bulk;
pub(crate) mod edit;
mod form;
pub(crate) mod list;
pub(crate) mod search;
pub(crate) mod show;
mod summary;
