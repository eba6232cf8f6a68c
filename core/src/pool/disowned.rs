//! What the executor said it does not know: it refuses that if it comes late.

use crate::dispatch::RunTable;
use crate::id::RunId;
use crate::wire::Handover;

/// How many runs are remembered at the least; twice as many at the most.
const REMEMBERED: usize = 100_000;

/// Runs, and the last hand-over of each that is refused. The oldest are forgotten, many at a time.
#[derive(Debug, Default)]
pub(super) struct Disowned {
    newer: RunTable<Handover>,
    older: RunTable<Handover>,
}

impl Disowned {
    pub(super) fn add(&mut self, run: RunId, upto: Handover) {
        let upto = self.upto(run).map_or(upto, |known| known.max(upto));
        if self.newer.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(run, upto);
    }

    /// Whether the run was disowned after this hand-over of it.
    pub(super) fn refuses(&self, run: RunId, handover: Handover) -> bool {
        self.upto(run).is_some_and(|upto| handover <= upto)
    }

    fn upto(&self, run: RunId) -> Option<Handover> {
        self.newer.get(&run).or_else(|| self.older.get(&run)).copied()
    }
}
