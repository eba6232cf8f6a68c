//! The loop that plans, and what is planned made durable.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{Epoch, Partition};
use cronbus_core::planner::Batch;
use cronbus_core::port::store::Creation;

use super::actor::Mind;
use super::ownership::Borrower;

/// How often to look whether this node's lease is in force again.
const LEASE_LOOK: Duration = Duration::from_millis(200);

impl Mind {
    /// Plans whenever something is due soon, for ever.
    pub(super) async fn keep_planning(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        while !self.closed.get() {
            if !self.setup.ports.membership.holds_lease() {
                clock.sleep(LEASE_LOOK).await;
                continue;
            }
            let now = clock.now();
            let planned = self.planner.borrow_mut().plan(now);
            if let Some(batch) = planned {
                self.hand_over(batch);
                continue;
            }
            let wake = self.planner.borrow().next_wake(now);
            self.plan.nudged_or_at(&*clock, wake).await;
        }
    }

    fn hand_over(&self, batch: Batch) {
        let figures = &self.setup.figures;
        figures.batches.add(1);
        figures.slots.add(batch.creation.runs.len());
        figures.caught_up.set(i64::try_from(self.planner.borrow().caught_up()).unwrap_or(i64::MAX));
        figures.batches_out.set(i64::try_from(self.planner.borrow().batches_out()).unwrap_or(i64::MAX));
        self.batches.borrow_mut().push_back(batch);
        self.create.nudge();
    }

    /// Has a dispatcher make its part of a batch durable; does not give up, but for partitions that are not lent to it any
    /// more: those are planned again, by whoever has them then.
    pub(super) async fn create(&self, to: &Borrower, creation: Creation) {
        let epochs: Vec<_> = creation.advances.iter().map(|advance| (advance.partition, advance.epoch)).collect();
        let still = || epochs.iter().any(|(partition, epoch)| self.is_lent(*partition, *epoch));
        if let Some(fenced) = self.hand(to, Arc::new(creation), still).await {
            self.fenced(epochs.iter().copied().filter(|(partition, _)| fenced.contains(partition)));
        }
    }

    fn is_lent(&self, partition: Partition, epoch: Epoch) -> bool {
        self.loans.borrow().get(&partition).is_some_and(|loan| loan.epoch == epoch)
    }

    /// The parts of a batch by the dispatcher of their partitions. What was planned for a partition that is not lent
    /// under the epoch it was planned with is left out.
    pub(super) fn by_loan(&self, creation: Creation) -> BTreeMap<Borrower, Creation> {
        let loans = self.loans.borrow();
        let all = creation.advances.len();
        let mut lent: BTreeMap<Partition, &Borrower> = BTreeMap::new();
        let mut parts: BTreeMap<Borrower, Creation> = BTreeMap::new();
        for advance in creation.advances {
            if let Some(loan) = loans.get(&advance.partition).filter(|loan| loan.epoch == advance.epoch) {
                lent.insert(advance.partition, &loan.to);
                parts.entry(loan.to.clone()).or_default().advances.push(advance);
            }
        }
        if lent.len() == all
            && let [part] = &mut parts.values_mut().collect::<Vec<_>>()[..]
        {
            // All for one, which is what a node that does everything has: nothing to sort.
            part.runs = creation.runs;
            return parts;
        }
        for run in creation.runs {
            if let Some(part) = lent.get(&run.job.partition()).and_then(|borrower| parts.get_mut(*borrower)) {
                part.runs.push(run);
            }
        }
        parts
    }

    /// Another node owns these partitions.
    fn fenced(&self, refused: impl Iterator<Item = (Partition, Epoch)>) {
        let fenced: Vec<Partition> = refused.filter(|(p, e)| self.is_lent(*p, *e)).map(|(p, _)| p).collect();
        if fenced.is_empty() {
            return;
        }
        self.setup.figures.fenced.add(fenced.len());
        tracing::warn!(partitions = fenced.len(), "another node owns partitions this one planned for");
        self.planner.borrow_mut().disown(&fenced);
        self.loans.borrow_mut().retain(|partition, _| !fenced.contains(partition));
        self.own.nudge();
    }
}
