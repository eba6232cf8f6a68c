//! What the dispatcher knows of one run that is not over, or whose end is not durable yet.

use crate::id::NodeName;
use crate::run::{Run, State};
use crate::time::Timestamp;

/// One run in the dispatcher's hands.
#[derive(Clone, Debug)]
pub(super) struct Active {
    pub(super) run: Run,
    /// The state of the row in the store.
    pub(super) durable: State,
    pub(super) phase: Phase,
    /// Whether it is in the list of what the next flush writes.
    pub(super) dirty: bool,
    /// Set when someone asked for its end.
    pub(super) killed: Option<String>,
    /// The next attempt, made durable together with this one's end.
    pub(super) next_attempt: Option<Box<Run>>,
}

/// What the run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its moment.
    Waiting,
    /// Others of its job.
    Blocked,
    /// A node that fits.
    Unrouted,
    /// The store to know that it is assigned, before its node does.
    Recording,
    /// Word from its node.
    Handed {
        /// Since when.
        since: Timestamp,
    },
    /// Its end: the node has it.
    Held,
    /// A node's answer: this dispatcher found the run in the store and does not know what became of it.
    Unknown {
        /// Who may know.
        node: NodeName,
        /// When it was asked last.
        asked: Timestamp,
    },
    /// Its end to be durable.
    Over {
        /// Who must be told then, so that it may forget.
        tell: Option<NodeName>,
    },
}

impl Active {
    pub(super) const fn new(run: Run, phase: Phase) -> Self {
        let durable = run.state;
        Self { run, durable, phase, dirty: false, killed: None, next_attempt: None }
    }

    /// Whether a node has it or may have it.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.phase, Phase::Recording | Phase::Handed { .. } | Phase::Held | Phase::Unknown { .. })
    }
}
