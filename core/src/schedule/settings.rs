//! What a job says about its rule beside the rule's text: dialect, zone, answers to clock changes, anchor, name.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

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
///
/// What is set here holds for every rule and for every change, however large. What is absent means, by cron(8): for
/// changes of less than three hours, rules with a fixed hour and minute run after a gap and once in a fold, while rules
/// with a `*` or a step in hour or minute follow the clock as it is shown (nothing extra after a gap, both times in a
/// fold). Larger changes, like the day Samoa left out in 2011, are taken for corrections: nothing is made up for, and
/// every rule follows the new time.
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

/// What a rule's text means depends on these fields of its job.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// How weekdays are numbered.
    pub dialect: Dialect,
    /// IANA name of the zone the rule is written in; a `CRON_TZ=` or `TZ=` before the rule goes before it.
    pub timezone: &'a str,
    /// The job's answers to clock changes.
    pub dst: Dst,
    /// Where the periods of `@every` are counted from, backwards too. Stored with the job, so that all nodes agree.
    pub anchor: Timestamp,
    /// The job's name, from which `H` picks its values.
    pub name: &'a str,
}

impl Default for Settings<'_> {
    /// A nameless Unix rule in UTC, with Debian cron's answers to clock changes.
    fn default() -> Self {
        Self { dialect: Dialect::Unix, timezone: "UTC", dst: Dst::default(), anchor: Timestamp::EPOCH, name: "" }
    }
}
