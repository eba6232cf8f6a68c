//! The store in memory: the model that durable stores are compared with, and the truth of simulated clusters.
//!
//! ```text
//!   handle ── MemoryStore: a cheap handle, shared by all its clones, the port's traits
//!   tables ── the rows, and how one job or run is looked up
//!   jobs ──── a batch of changes to jobs, made whole or not at all
//!   runs ──── creation, recording, housekeeping
//!   pruning ─ jobs and revisions that nobody needs any more
//!   history ─ filters and pages
//!   alerts ── what is to be told, and what is on its way
//!   accounts  users, API tokens, sessions
//!   audit ─── who did what
//!   secrets ─ what nobody reads
//! ```
//!
//! It is written to be obviously right rather than fast: every answer is a walk over ordered maps.

mod accounts;
mod alerts;
mod audit;
mod handle;
mod history;
mod jobs;
mod pruning;
mod runs;
mod secrets;
mod tables;

pub use handle::MemoryStore;
