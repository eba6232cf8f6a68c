//! The partitions this node owns, and how far each is planned.

use std::time::Duration;

use crate::id::{Epoch, Partition};
use crate::port::store::{Advance, Claim};
use crate::time::Timestamp;

/// A watermark without rows is moved this often: often enough that little is searched again after a crash, and seldom
/// enough to cost nothing.
const IDLE_ADVANCE: Duration = Duration::from_secs(5);

/// One partition in this node's hands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owned {
    pub(super) epoch: Epoch,
    /// The watermark when it was taken over: where jobs that are seen for the first time start.
    pub(super) claimed: Timestamp,
    /// The watermark of the last batch.
    pub(super) planned: Timestamp,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Partitions(Vec<Option<Owned>>);

impl Partitions {
    pub(super) fn none() -> Self {
        Self(vec![None; Partition::COUNT])
    }

    pub(super) fn get(&self, partition: Partition) -> Option<&Owned> {
        self.0.get(partition.index()).and_then(Option::as_ref)
    }

    pub(super) fn own(&mut self, claim: &Claim) {
        if let Some(place) = self.0.get_mut(claim.partition.index()) {
            *place = Some(Owned { epoch: claim.epoch, claimed: claim.watermark, planned: claim.watermark });
        }
    }

    pub(super) fn disown(&mut self, partition: Partition) {
        if let Some(place) = self.0.get_mut(partition.index()) {
            *place = None;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The advances of a batch whose rows are in `touched`: those partitions, for their epochs to be checked, and the
    /// others whose watermark lies far back. `watermark` is `None` when the batch does not reach a moment before
    /// which nothing is left.
    pub(super) fn advances(&mut self, touched: &[bool], watermark: Option<Timestamp>) -> Vec<Advance> {
        let mut advances = Vec::new();
        for (partition, (place, touched)) in Partition::all().zip(self.0.iter_mut().zip(touched)) {
            let Some(owned) = place else { continue };
            let reached = watermark.unwrap_or(owned.planned).max(owned.planned);
            if *touched || reached >= owned.planned + IDLE_ADVANCE {
                owned.planned = reached;
                advances.push(Advance { partition, epoch: owned.epoch, watermark: reached });
            }
        }
        advances
    }

    /// The next moment at which a watermark without rows should be moved.
    pub(super) fn next_idle_advance(&self) -> Option<Timestamp> {
        self.0.iter().flatten().map(|owned| owned.planned + IDLE_ADVANCE).min()
    }
}
