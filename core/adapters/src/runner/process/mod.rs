//! Shell commands as processes.
//!
//! ```text
//!   supervisor ──queue──▶ threads ─▶ plan ── what to start, as whom ──▶ spawn
//!    │  ▲                    │         │                                  │
//!    │  │                    │       user, environment, exec_as         native
//!    │  └──── concluded ── charge ── what it prints, its end
//!    │                       │
//!    │ stop                leash ── the child until it is waited for
//!    ▼                       │
//!   kill ── TERM, grace, KILL, proof ──▶ census ── who belongs to the run
//! ```
//!
//! Everything that blocks (looking up users, `posix_spawn`, writing logs) is done by a few threads that do nothing else,
//! each of which has some processes in its charge from their start to their end. Only what is rare, an end that has to be
//! brought about and the search for who is left, is done by futures of the runtime. Unsafe code is in
//! `cronbus_shim_kit::native` alone.
//!
//! That is how runs are executed whose node ends them when it dies (`isolation = "inline"`). [`shim`] has those that go on.

mod census;
mod charge;
mod environment;
mod exec_as;
mod inbox;
mod kill;
mod leash;
mod plan;
mod queue;
mod shim;
mod spawn;
mod supervisor;
mod threads;
mod user;
mod verdict;

use cronbus_shim_kit::native;

pub use exec_as::{EXIT_CODE as EXEC_AS_EXIT_CODE, Error as ExecAsError, SUBCOMMAND as EXEC_AS, exec_as};
pub use shim::Groups;
pub(crate) use shim::file_of;
pub(super) use shim::{Left, Shims};
pub(super) use supervisor::Supervisor;
