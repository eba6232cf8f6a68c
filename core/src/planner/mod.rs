//! What is due, as batches of rows to create: the scheduler's mind.
//!
//! ```text
//!   jobs, claims, members ──▶ Planner ── plan(now) ──▶ Batch { rows, watermarks } ──▶ dispatcher ──▶ store
//!                                ▲                                                         │
//!                                └──────────────────────── durable(batch) ─────────────────┘
//! ```
//!
//! Slots are planned up to `lookahead` before they are due. What is found to be long overdue, because nobody was there,
//! the clock was set ahead or the store was away, takes the way of `catch_up` and is answered by the job's misfire
//! policy. So is what was due under what a job was before it was changed (`leftovers`). Only a few batches are out at a
//! time: while the store is away nothing piles up here.
//!
//! **Invariant:** a watermark never passes a slot that was not in this or an earlier batch, and no watermark moves
//! before every job of the catalogue has been seen.

mod broadcast;
mod catch_up;
mod entry;
mod leftovers;
mod partitions;
#[expect(clippy::module_inception, reason = "the folder is named after its one public type")]
mod planner;
mod reboot;

pub(crate) use catch_up::count_after;
pub(crate) use entry::{fires_at, has_slot, start_after};
pub(crate) use leftovers::barred;
pub use planner::{Batch, BatchId, Planner, Settings};

#[cfg(test)]
mod tests;
