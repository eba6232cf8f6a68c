//! What whoever asks may see and do here: `cronbus_core::account` decides, this asks it.
//!
//! ```text
//!   auth (REST), admin::gate (pages) ── who asks ──▶ need: what the route takes, before its handler is reached
//!   handlers ── Site::job, Site::run, acts ──▶ permit: 404 for what may not be seen, 403 for what may not be done
//!   lists ──▶ sight: only what may be seen, page by page
//! ```
//!
//! A route that `need` does not know is for administrators alone: forgetting one opens nothing.

mod members;
mod need;
mod permit;
mod sight;

pub(crate) use members::visible;
pub(crate) use need::{Need, need};
pub(crate) use permit::{Can, may_see_all, permit, permit_job};
pub(crate) use sight::{Sight, place_of, sift};
