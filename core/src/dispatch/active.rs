//! What the dispatcher knows of one run that is not over, or whose end is not durable yet.

use crate::id::NodeName;
use crate::run::{Run, State};
use crate::time::Timestamp;
use crate::wire;

use super::load::Lane;

/// One run in the dispatcher's hands.
#[derive(Clone, Debug)]
pub(super) struct Active {
    pub(super) run: Run,
    /// The state of the row in the store.
    pub(super) durable: State,
    pub(super) phase: Phase,
    /// What it may overlap with.
    pub(super) lane: Lane,
    /// Its last hand-over; one before `settled` was another dispatcher's, of which its node has told.
    pub(super) handover: Option<wire::Handover>,
    /// Its last hand-over by this dispatcher, or when it was found: what was asked before is answered too late.
    pub(super) settled: wire::Handover,
    /// Whether its node may have begun it: not so while it has no leave of this dispatcher, which handed it over.
    pub(super) may_have_begun: bool,
    /// Whether it is in the list of what the next flush writes.
    pub(super) dirty: bool,
    /// Set when someone asked for its end.
    pub(super) killed: Option<String>,
    /// The next attempt, made durable together with this one's end.
    pub(super) next_attempt: Option<Box<Run>>,
    /// Whether its job wanted it no more when its moment came: nobody has to be told that it was not executed.
    pub(super) is_moot: bool,
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
    Held {
        /// When the node said so last.
        since: Timestamp,
    },
    /// Its moment, at a node that has it already. It stays `created` until that.
    Staged {
        /// Which node.
        node: NodeName,
        /// When the node was told of it, or asked for it last.
        asked: Timestamp,
    },
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
    pub(super) fn new(run: Run, phase: Phase) -> Self {
        Self {
            durable: run.state,
            lane: Lane::of(&run),
            run,
            phase,
            handover: None,
            settled: wire::Handover::default(),
            may_have_begun: true,
            dirty: false,
            killed: None,
            next_attempt: None,
            is_moot: false,
        }
    }

    /// Whether a node has it, may have it, or is about to get it.
    pub(super) const fn is_out(&self) -> bool {
        matches!(
            self.phase,
            Phase::Recording | Phase::Handed { .. } | Phase::Held { .. } | Phase::Unknown { .. } | Phase::Staged { .. }
        )
    }
}
