//! Why a rule is refused, in words for the person who wrote it.

use crate::time::Timestamp;

use super::expression::{MACROS, MAX_LENGTH};

/// A rule or a zone that cannot be used. Writing it again does not help: none of these is worth a retry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no rule in the text.
    #[error(
        "schedule: the rule is empty: write five fields like `0 3 * * *`, or `@every 5m`, or leave the schedule out"
    )]
    Empty,
    /// The text is longer than any sensible rule.
    #[error("schedule: {length} bytes are too long, at most {MAX_LENGTH} are allowed: use ranges and steps, not lists")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Neither five, six nor seven fields.
    #[error(
        "schedule: `{text}` has {found} field(s): write 5 (minute hour day-of-month month day-of-week), 6 (a second \
         before them) or 7 (a year after them)"
    )]
    FieldCount {
        /// The fields as written.
        text: String,
        /// How many there are.
        found: usize,
    },
    /// A name after `@` that means nothing.
    #[error(
        "schedule: `{text}` is not a known name{}: write one of {MACROS}, `@every 5m` or `@at 2026-12-01T08:00:00Z`",
        meant(.nearest)
    )]
    UnknownMacro {
        /// The name as written.
        text: String,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// One field cannot be read.
    #[error("schedule: {part} `{text}`: {problem}")]
    Field {
        /// Which field.
        part: &'static str,
        /// The field as written.
        text: String,
        /// What is wrong, what is allowed.
        problem: String,
    },
    /// The period of `@every` cannot be used.
    #[error("schedule: `@every {text}`: {problem}")]
    Every {
        /// The period as written.
        text: String,
        /// What is wrong, what is allowed.
        problem: String,
    },
    /// The instant of `@at` cannot be read.
    #[error("schedule: `@at`: {problem}")]
    At {
        /// What is wrong, what is allowed.
        problem: String,
    },
    /// No moment between 1970 and 2199 matches.
    #[error(
        "schedule: `{text}` never fires: no moment from 1970 to 2199 matches; check the day against the month and the \
         year (only leap years have a February 29)"
    )]
    NeverFires {
        /// The rule as written.
        text: String,
    },
    /// It has fired for the last time.
    #[error(
        "schedule: `{text}` never fires again: its last moment was {last}, which is not after {now}; write a later one"
    )]
    Over {
        /// The rule as written.
        text: String,
        /// When it last fired.
        last: Timestamp,
        /// The instant it was asked for.
        now: Timestamp,
    },
    /// The zone is not in the database.
    #[error(
        "timezone: `{name}` is not an IANA time zone{}: write a name like UTC, Asia/Shanghai or America/New_York",
        meant(.nearest)
    )]
    UnknownZone {
        /// The name as written.
        name: String,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
}

impl Error {
    /// The field of the job that has to change: `schedule` or `timezone`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::UnknownZone { .. } => "timezone",
            _ => "schedule",
        }
    }
}

fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}
