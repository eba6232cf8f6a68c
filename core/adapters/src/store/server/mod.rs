//! What MySQL and PostgreSQL have in common and no driver is named for.
//!
//! ```text
//!   address ─ where a server is, from its URL      options ─ sizes and patience
//!   steps ─── migrations, and which are missing    worker ── the thread that speaks with the server
//!   batch ─── what a batch of runs means           jobs ──── what a batch of changes does to jobs
//! ```

pub(in crate::store) mod address;
pub(in crate::store) mod batch;
pub(in crate::store) mod jobs;
pub(in crate::store) mod options;
pub(in crate::store) mod steps;
pub(in crate::store) mod worker;
