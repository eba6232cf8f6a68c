//! When a job is due: rules, zones, clock changes.

use serde::{Deserialize, Serialize};

/// How weekdays and question marks of a rule are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Debian cron: 0 and 7 are Sunday.
    #[default]
    Unix,
    /// Quartz: 1 is Sunday, 7 is Saturday.
    Quartz,
}

/// What to do with a due moment that a clock change skips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// Once, right after the gap.
    RunAfter,
    /// Not at all.
    Skip,
    /// As much later as the clock was moved.
    Shift,
}

/// What to do with a due moment that a clock change repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// The first time only.
    Once,
    /// Both times.
    Twice,
}

/// A job's own answer to clock changes; what is absent follows Debian cron.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dst {
    /// For moments that are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// For moments that are repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<Fold>,
}
