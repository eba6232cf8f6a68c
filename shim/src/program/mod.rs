//! What the executable `cronbus-shim` does: one run after the other, for as long as its node wants, and to the end of the
//! one it has whatever becomes of the node.
//!
//! ```text
//!   order ─▶ supervision: start, read, mask, wait ─▶ exit written and told ─▶ next order
//!                  │ timeout, or an end is wanted                      └─▶ no node, or somebody was left behind: over
//!                  ▼
//!            ladder: TERM, grace, KILL, nobody left
//! ```
//!
//! The shim adopts what its command leaves behind (`PR_SET_CHILD_SUBREAPER`): whoever descends from the command, in
//! whatever session, becomes a child of the shim when its parent ends. That nobody is left is known when the shim has no
//! children any more. So it takes no second run while somebody of the first is there.

mod ladder;
mod life;
mod masking;
mod supervision;
mod within;

pub use life::run;
pub use within::{EXIT_CODE as WITHIN_EXIT_CODE, SUBCOMMAND as WITHIN, enter, within};
