//! What is due when: one entry a job, found by its next due instant and by its job.
//!
//! ```text
//!  insert(job, rule, after) ──▶ rules     next fire of the rule, computed once per rule and instant
//!                               entries   one place of 32 bytes a job, linked with those due at the same instant
//!                               index     job ──▶ place, about 8 bytes a job
//!                               calendar  instant ──▶ first place of its list
//!                                 ring    the next minute: one head per millisecond, found without searching
//!                                 rest    everything else, sorted
//!  drain(upto, limit)       ◀── calendar  in order of instant; each entry moves on to its next fire
//! ```
//!
//! Ten million jobs fit in about 45 bytes each, as long as they share rules; what a rule costs is paid once for all its
//! jobs. Putting an entry in, moving it on and taking it out are constant work within the next minute, and a search in a
//! sorted map beyond it. A whole list moves from `rest` into `ring` by its head, however many entries it has.
//!
//! **Invariant:** nothing here reads a clock, knows what a job does, or decides what a missed instant means: the caller
//! says up to when to drain and gets every instant, one by one, also those long past.

mod calendar;
mod entries;
mod index;
mod ring;
mod rule;
mod rules;
#[expect(clippy::module_inception, reason = "the folder is named after its one public type")]
mod timeline;

pub use rule::Rule;
pub use rules::RuleIndex;
pub use timeline::{Drained, Due, Timeline};
