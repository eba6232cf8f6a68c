//! A run: the execution of a slot, or of a submission, or the reason why there was none.
//!
//! ```text
//! created ──▶ assigned ──▶ running ──▶ succeeded | failed | timed_out | killed | lost
//!    │  ▲        │
//!    │  └────────┘ the host died before it acknowledged
//!    └──▶ skipped | missed | rejected | killed          answers without execution
//! ```
//!
//! * `state`: where a run is in its life. [`State::after`] is the whole machine; nobody else writes states.
//! * `event`: what can happen to it, and what is known of it then: how it ended, or why it was not executed.
//! * `mark`: what few runs have and are looked for by.
//! * `row`: what the store keeps of it. [`Run::apply`] is how an event becomes part of it.
//!
//! Which event happens when is decided in [`crate::dispatch`], and in [`crate::planner`] for slots that are answered at
//! once. Storing runs is in [`crate::port::store`].

mod event;
mod mark;
mod row;
mod state;

pub use event::{Answer, Ending, Event, Outcome, Output, Usage, Verdict};
pub use mark::Mark;
pub use row::{Run, Trigger};
pub use state::{IllegalTransition, State};
