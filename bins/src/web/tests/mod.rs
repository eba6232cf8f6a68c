//! The web over a store in memory.
//!
//! `access` walks every route with those who may not, `accounts` attacks what lets people in;
//! `stage` has the site and asks it; `doors` tries what answers at all, and to whom; `jobs`, `runs`, `nodes` and
//! `channels` what is answered about each; `audit` what is recorded of it.

mod access;
pub(super) mod accounts;
mod audit;
mod channels;
mod doors;
mod jobs;
mod nodes;
mod runs;
mod secrets;
pub(super) mod stage;
