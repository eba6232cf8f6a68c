//! The web over a store in memory.
//!
//! `stage` has the site and asks it; `doors` tries what answers at all, and to whom; `jobs`, `runs` and `nodes` what is
//! answered about each.

mod doors;
mod jobs;
mod nodes;
mod runs;
mod stage;
