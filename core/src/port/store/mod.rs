//! The truth: jobs with their revisions, runs, watermarks, epochs.
//!
//! ```text
//!   Jobs ───── definitions and their revisions; a change feed that the monitor follows
//!   Runs ───── creation (rows + watermarks + epoch in one transaction), recording (compare and set), housekeeping
//!   History ── what people ask: lists by key, never by offset
//!   Alerts ─── what is to be told of all that, and what is on its way to people
//!   Accounts ─ users, API tokens, sessions
//!   Audit ──── who did what, in the transaction of what was done
//!   Secrets ── what jobs name and nobody reads, sealed
//! ```
//!
//! Every writing call is one transaction: all of it is durable when the call returns `Ok`. When it returns a retryable
//! error, it may or may not have happened (a commit can be ambiguous), and doing it again must be harmless; that is
//! why rows have derived keys and updates name the state they start from.

mod accounts;
mod alerts;
mod audit;
mod error;
mod history;
mod jobs;
mod lookup;
mod runs;
mod secrets;

pub use accounts::Accounts;
pub use alerts::{AlertStep, Alerts, DeliveryFilter, EventFilter};
pub use audit::{Audit, AuditFilter};
pub use error::{Error, Result};
pub use history::{Cursor, History, JobFilter, Page, RunFilter, Tally};
pub use jobs::{Change, ChangeSequence, JobRetention, Jobs, PrunedJobs, Write};
pub use lookup::Lookup;
pub use runs::{
    Advance, Claim, Created, Creation, Fence, Note, Pruned, Recorded, Recording, Retention, Runs, Submission,
    Submitted, Update,
};
pub use secrets::Secrets;

/// All of it: what a node needs of its database.
pub trait Store: Jobs + Runs + History + Alerts + Accounts + Audit + Secrets {}

impl<T: Jobs + Runs + History + Alerts + Accounts + Audit + Secrets> Store for T {}
