//! Shell commands under supervisors of their own, which outlive the node.
//!
//! ```text
//!   supervisor ──queue──▶ threads ──▶ crew ── shims that wait for an order, or have one
//!        │                   │          │
//!        │ stop              ▼          ▼ order                     ┌─ place: data/runs/<run>.run
//!        └─────▶ line ──▶ ward ◀── started, news, ended ── cronbus-shim ──▶ the command
//!                            └──◀── output, end: the run's file ────┘
//! ```
//!
//! What a shim does is in `cronbus_shim_kit`. Here a thread hands it the order, follows the run's file into the log, and
//! makes an outcome of the end that stands in the file. A run of a former life is a ward, too: its shim has no socket any
//! more, so its file is looked at now and then, its end is told by a pidfd, and it is stopped by signals.
//!
//! [`ward`] is one run, [`mod@line`] is how its end is asked for, [`outcome`] reads ends, [`groups`] is what runs may use.

mod beginning;
mod crew;
mod groups;
mod line;
mod outcome;
mod place;
mod supervisor;
mod threads;
mod ward;

pub use groups::Groups;
pub(crate) use place::file_of;
pub(in crate::runner) use supervisor::{Left, Shims};
