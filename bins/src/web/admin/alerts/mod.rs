//! `/alerts`: what is wrong now, who is told of what and how, what was told, and what nobody wants to hear of.
//!
//! ```text
//!   page ── what is open, silences, channels, rules          actions ─▶ alert_acts, as REST
//!   history ── what happened, page by page                   words ── kinds, severities, rules as sentences
//!   deliveries ── what was told, page by page
//! ```

pub(crate) mod actions;
pub(crate) mod deliveries;
pub(crate) mod history;
pub(crate) mod page;
mod rules;
mod words;
