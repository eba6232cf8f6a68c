//! `/`: what goes on, what went wrong, what is coming.
//!
//! ```text
//!   page ◀── hours: what became of the runs of each of the last 720 hours ◀──┐
//!     ▲  ◀── failing: which jobs fail now                              ◀──┤ watch: reads an hour at a time, in the
//!     │  ◀── forecast: expected starts per ten minutes                 ◀──┘ background, while somebody looks
//!     └───── nodes, health, the oldest unfinished runs: asked for at each view
//! ```
//!
//! A view never counts rows. What is not known yet is said to be counted still.

mod attention;
mod chart;
mod failing;
mod forecast;
mod hours;
pub(crate) mod page;
mod rules;
mod watch;

pub(crate) use watch::Watch;
