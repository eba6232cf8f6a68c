//! What the pool knows of one run.

use std::sync::Arc;

use crate::id::{JobId, RunId};
use crate::job::Command;
use crate::run::Outcome;
use crate::time::Timestamp;
use crate::wire::{Assignment, Report};

/// One run in the executor's hands.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// Not in the spool yet.
    Offered(Arc<Assignment>),
    /// Waits for its moment.
    Staged(Arc<Assignment>),
    /// Waits for a slot.
    Queued(Arc<Assignment>),
    /// Has a slot, and waits for leave to begin, or has it and is about to.
    Ready {
        /// What is to be begun.
        assignment: Arc<Assignment>,
        /// Whether its dispatcher has said so.
        may_begin: bool,
    },
    /// Being started, or executing since `started_at`.
    Executing {
        /// What is executed.
        assignment: Arc<Assignment>,
        /// Since when, once it is known.
        started_at: Option<Timestamp>,
    },
    /// Executing since a former life of the node, under a supervisor of its own.
    Resumed {
        /// Whose run it is.
        job: JobId,
        /// Since when, where that is known.
        started_at: Option<Timestamp>,
    },
    /// Over; the outcome is not acknowledged.
    Ended(Ended),
    /// Left behind by the node's former life; what became of it is being found out.
    Orphaned,
}

/// An outcome that nobody has acknowledged yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Which run.
    pub run: RunId,
    /// Whose run it is.
    pub job: JobId,
    /// How it ended.
    pub outcome: Arc<Outcome>,
}

impl Ended {
    /// What the dispatcher is told.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::Ended { run: self.run, outcome: Arc::clone(&self.outcome) }
    }
}

impl Known {
    /// What the dispatcher is told when it asks; nothing while there is nothing certain to tell.
    pub(super) fn report(&self, run: RunId) -> Option<Report> {
        match self {
            Self::Offered(_) | Self::Orphaned | Self::Resumed { started_at: None, .. } => None,
            Self::Staged(assignment) | Self::Queued(assignment) | Self::Executing { assignment, started_at: None } => {
                Some(Report::Accepted { run, handover: assignment.handover })
            }
            Self::Ready { assignment, .. } => Some(Report::Ready { run, handover: assignment.handover }),
            Self::Executing { started_at: Some(at), .. } | Self::Resumed { started_at: Some(at), .. } => {
                Some(Report::Started { run, at: *at })
            }
            Self::Ended(ended) => Some(ended.report()),
        }
    }
}

/// Whether the run does anything outside: only then it matters that it is started once.
#[must_use]
pub fn has_effect(assignment: &Assignment) -> bool {
    assignment.job.definition.command != Command::Noop
}
