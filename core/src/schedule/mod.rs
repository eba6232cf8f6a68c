//! When a job is due: rules, zones, clock changes.
//!
//! A rule is text. [`Schedule::parse`] reads it in the light of a job's [`Settings`] and refuses what can never fire;
//! [`Schedule::next_after`] then answers the only question the timeline has. In between, a rule travels like this:
//!
//! ```text
//! expression   CRON_TZ=, @daily, @every, @at, @reboot, five to seven fields
//!     │
//! rule         every field as a set; H resolved (spread), weekdays by dialect (fields, days, set)
//!     │
//! civil        the next matching wall-clock second: saffron's search, with seconds and years around it
//!     │
//! search       the next instant: wall clock to UTC through the zone's gaps and folds (zone)
//! ```
//!
//! Beside that path: `every` counts periods from an anchor, `describe` says a rule in English, [`preview()`] lists
//! fires for people. Nothing here reads a clock: every question carries its instant. Nothing here searches outside the
//! years 1970 to 2199, so no question can take for ever.

mod civil;
mod days;
mod describe;
mod error;
mod every;
mod expression;
mod fields;
mod preview;
mod rule;
#[expect(clippy::module_inception, reason = "the folder's central type, in a file of its name")]
mod schedule;
mod search;
mod set;
mod settings;
mod spread;
mod zone;

pub use error::Error;
pub use preview::{PreviewedFire, preview};
pub use schedule::{Fire, Kind, Moved, Schedule};
pub use settings::{Dialect, Dst, Fold, Gap, Settings};
