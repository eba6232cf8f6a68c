//! Shell commands as processes.
//!
//! ```text
//!  plan ── what to start, as whom ──▶ spawn ──▶ leader ── the child until it is waited for
//!    │                                  │          │
//!  user, environment, exec_as         native     census ── who belongs to the run
//!                                       │          │
//!                   pump ◀── pipes ─────┘        kill ── TERM, grace, KILL, proof
//!                     └────────▶ supervisor ◀──────┘
//!                                    └──▶ verdict ──▶ outcome
//! ```
//!
//! Everything that may block (looking up users, `posix_spawn`, reading `/proc`) is done on threads for that; the runtime
//! waits for a pidfd and two pipes. [`native`] is the only file with unsafe code.

mod census;
mod environment;
mod exec_as;
mod kill;
mod leader;
mod native;
mod plan;
mod pump;
mod spawn;
mod supervisor;
mod user;
mod verdict;

pub use exec_as::{EXIT_CODE as EXEC_AS_EXIT_CODE, Error as ExecAsError, SUBCOMMAND as EXEC_AS, exec_as};
pub(super) use supervisor::Supervisor;
