//! What a search found, and what it did not look at, as REST shows it and the command line reads it.

use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::log::Stream;
use cronbus_core::run::State;
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was found in the newest runs of a job.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct SearchView {
    /// The runs that printed it, the newest first.
    pub(crate) items: Vec<RunLines>,
    /// Give this as `cursor` to look at older runs; null when all were looked at.
    pub(crate) next: Option<String>,
    /// How many runs were looked at.
    pub(crate) runs: usize,
    /// How many bytes of output were read.
    pub(crate) bytes: u64,
    /// Why it stopped before the oldest run; null when it did not.
    pub(crate) stopped: Option<Stop>,
    /// The runs of which not all could be read, and why.
    pub(crate) unread: Vec<UnreadView>,
}

/// Which bound ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stop {
    /// As many runs as were asked for.
    Runs,
    /// As much output as is read for one search.
    Bytes,
    /// As long as one search may take.
    Time,
    /// As many lines as one search shows.
    Lines,
}

impl Stop {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Bytes => "bytes",
            Self::Time => "time",
            Self::Lines => "lines",
        }
    }
}

/// The lines of one run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RunLines {
    /// Which run.
    #[schema(value_type = String, format = "uuid")]
    pub(crate) run: RunId,
    /// When it was due.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) due_at: Timestamp,
    /// How it fares.
    #[schema(value_type = String)]
    pub(crate) state: State,
    /// Where it was.
    #[schema(value_type = Option<String>)]
    pub(crate) node: Option<NodeName>,
    /// The lines, in order.
    pub(crate) lines: Vec<FoundLine>,
    /// Whether it printed the text in more lines than these.
    pub(crate) more: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FoundLine {
    /// The chunk of the log that it begins in.
    pub(crate) sequence: u64,
    /// When that was printed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// `stdout`, `stderr` or `system`.
    #[schema(value_type = String)]
    pub(crate) stream: Stream,
    /// The line without escape sequences; of a long one the part around what was found.
    pub(crate) text: String,
}

/// A run of which not all could be read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct UnreadView {
    /// Which run.
    #[schema(value_type = String, format = "uuid")]
    pub(crate) run: RunId,
    /// Why.
    pub(crate) why: String,
}
