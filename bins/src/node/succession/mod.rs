//! A node goes on in another process, of another executable: what a release is, without a gap.
//!
//! ```text
//!   old process                                   new process
//!   SIGUSR2 ─▶ starts it, with a socket ────────▶ reads its configuration
//!   ── state: lock, listening sockets ──────────▶
//!                                    ◀── hello ── version, protocol; opens the store, connects, makes all ready
//!                                    ◀── ready ── (or abort, with the reason)
//!   accepts nobody, finishes requests,
//!   fires nothing, lets go of shims
//!   ── stays: what it still executes, go ───────▶ opens the spool, registers, starts its actors, answers
//!                                    ◀── up ──────
//!   ── farewell ────────────────────────────────▶ tells the service manager from now on
//!   last requests, and the ends of what stays ──▶ records them
//! ```
//!
//! Until `go` the old process does everything, and after it nothing: exactly one of them fires. What does not get to
//! `ready` in time is ended, and nothing has happened. What gets there and fails after `go` is replaced by a process of the
//! old executable, in the same way.
//!
//! Both have the lock of the data directory and the listening sockets, which are the same ones: a connection is accepted by
//! the one or the other and never refused. Nothing else is inherited: every descriptor is closed on exec.
//!
//! The record in the register of members is replaced in one transaction, under a new lease: the node is never absent.
//!
//! [`staying`] is what is executed in a process without a shim, and so has to stay there.

mod channel;
mod estate;
mod message;
mod new;
mod old;
mod passing;
mod report;
mod staying;

pub(super) use estate::{Estate, Socket, Sockets};
pub(super) use new::{Began, Predecessor};
pub(super) use old::Successor;
pub(super) use passing::{Passed, Passing};
pub(crate) use report::{Report, Stage};
pub(super) use staying::Staying;
