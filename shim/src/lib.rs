//! The supervisor of one shell run, and what it and its node say to each other.
//!
//! ```text
//!   node ── order: command, limits; the run's file, its stdin ──▶ shim ──▶ the command, in a session of its own
//!     ▲                                                            │ │
//!     ├──── started, news, ended (socket) ─────────────────────────┘ │
//!     └──── output, end ◀── the run's file ◀─────────────────────────┘
//! ```
//!
//! A shim supervises one run at a time and needs nobody for that: it reads what the command prints into the run's file,
//! enforces the timeout, ends the command and all that descends from it, and writes how it ended. When its node dies, the
//! socket closes, the shim goes on, and the next life of the node reads the same file ([`mod@file`]). What must not lie on
//! disk (arguments, environment, input) comes in memory, by descriptors ([`order`]).
//!
//! [`program`] is what the executable `cronbus-shim` does; [`group`] is what a run may use; [`native`] and [`proc`] are the
//! system. Nothing here knows jobs, nodes or paths.

pub mod file;
pub mod group;
pub mod message;
pub mod native;
pub mod order;
pub mod proc;
pub mod program;
mod words;

/// A process, told apart from a later one with the same number by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its start in clock ticks since boot: field 22 of `/proc/<pid>/stat` (proc(5)).
    pub start_ticks: u64,
}
