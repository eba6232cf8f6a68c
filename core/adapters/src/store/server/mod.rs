//! What MySQL and PostgreSQL have in common and no driver is named for.
//!
//! ```text
//!   address ─ where a server is, from its URL      options ─ sizes and patience
//!   tls ───── as the URL wants it                  worker ── the thread that speaks with the server
//!   steps ─── migrations, and which are missing
//!   batch ─── what a batch of runs means           jobs ──── what a batch of changes does to jobs
//! ```

pub(in crate::store) mod address;
pub(in crate::store) mod batch;
pub(in crate::store) mod jobs;
pub(in crate::store) mod options;
pub(in crate::store) mod steps;
pub(in crate::store) mod tls;
pub(in crate::store) mod worker;
