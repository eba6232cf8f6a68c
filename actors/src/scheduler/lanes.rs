//! The parts of batches on their way to the dispatchers of their partitions: in order for each dispatcher, and each
//! dispatcher by itself, so that one that does not answer holds up none of the others.
//!
//! ```text
//!   batch ──by loan──▶ lane of dispatcher a: part, part ──▶ durable ─┐
//!                 └──▶ lane of dispatcher b: part ─ ─ ─ ─ (hangs)    ├─ all parts, or patience over ──▶ plan on
//! ```
//!
//! The planner goes on once all parts of a batch are durable. It also goes on when one takes longer than the others
//! should suffer for, unless that dispatcher's lane is full: what waits is bounded.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use cronbus_core::planner::{Batch, BatchId};
use cronbus_core::port::store::Creation;

use super::actor::Mind;
use super::ownership::Borrower;

/// How long a batch waits for its slowest dispatcher before the next one is planned: little beside how far ahead of
/// their moments slots are planned.
const PATIENCE: Duration = Duration::from_millis(200);

/// How many rows may wait for one dispatcher when more are planned.
const MOST_ROWS: usize = 100_000;

/// What waits for the dispatchers.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By dispatcher; the first part of each is in its hands. A lane that is empty is removed.
    parts: RefCell<BTreeMap<Borrower, VecDeque<Part>>>,
    /// How many parts of each batch are not durable.
    left: RefCell<HashMap<BatchId, usize>>,
}

/// What one batch has for one dispatcher.
#[derive(Debug)]
struct Part {
    batch: BatchId,
    rows: usize,
    /// Taken out while it is in the dispatcher's hands.
    creation: Option<Creation>,
}

impl Lanes {
    /// Adds a part; whether somebody has to be found who empties the lane.
    fn push(&self, to: Borrower, part: Part) -> bool {
        let mut lanes = self.parts.borrow_mut();
        let lane = lanes.entry(to).or_default();
        lane.push_back(part);
        lane.len() == 1
    }

    /// What the dispatcher is to get next; an empty lane is removed.
    fn take(&self, to: &Borrower) -> Option<Creation> {
        let mut lanes = self.parts.borrow_mut();
        let next = lanes.get_mut(to).and_then(VecDeque::front_mut).and_then(|part| part.creation.take());
        if next.is_none() {
            lanes.remove(to);
        }
        next
    }

    /// The part that was taken is durable, or never will be; the batch, if it was its last one.
    fn done(&self, to: &Borrower) -> Option<BatchId> {
        let part = self.parts.borrow_mut().get_mut(to)?.pop_front()?;
        let mut all = self.left.borrow_mut();
        let left = all.get_mut(&part.batch)?;
        *left -= 1;
        (*left == 0).then(|| {
            all.remove(&part.batch);
            part.batch
        })
    }

    fn is_out(&self, batch: BatchId) -> bool {
        self.left.borrow().contains_key(&batch)
    }

    /// Whether so much waits for some dispatcher that nothing more may be planned.
    fn are_full(&self) -> bool {
        let rows = |lane: &VecDeque<Part>| lane.iter().map(|part| part.rows).sum::<usize>();
        self.parts.borrow().values().any(|lane| rows(lane) > MOST_ROWS)
    }
}

impl Mind {
    /// Hands batches out as they are planned, for ever.
    pub(super) async fn keep_creating(self: Rc<Self>) {
        loop {
            let next = self.batches.borrow_mut().pop_front();
            match next {
                Some(batch) => self.hand_out(batch),
                None => self.create.nudged().await,
            }
        }
    }

    fn hand_out(self: &Rc<Self>, batch: Batch) {
        let parts = self.by_loan(batch.creation);
        if parts.is_empty() {
            return self.has_handed(batch.id);
        }
        self.lanes.left.borrow_mut().insert(batch.id, parts.len());
        for (borrower, creation) in parts {
            let part = Part { batch: batch.id, rows: creation.runs.len(), creation: Some(creation) };
            if self.lanes.push(borrower.clone(), part) {
                self.tasks.start(Rc::clone(self).empty(borrower));
            }
        }
        self.tasks.start(Rc::clone(self).plan_on(batch.id));
    }

    /// Hands a dispatcher its parts, one after the other: a later one's watermark counts on the rows of those before it.
    async fn empty(self: Rc<Self>, to: Borrower) {
        while let Some(creation) = self.lanes.take(&to) {
            // Partitions may have been lent to somebody else while it waited.
            if let Some(still_lent) = self.by_loan(creation).remove(&to) {
                self.create(&to, still_lent).await;
            }
            if let Some(batch) = self.lanes.done(&to) {
                self.has_handed(batch);
            }
        }
    }

    /// Lets the planner go on without a batch that a dispatcher takes long for.
    async fn plan_on(self: Rc<Self>, batch: BatchId) {
        loop {
            self.setup.ports.clock.sleep(PATIENCE).await;
            if !self.lanes.is_out(batch) {
                return;
            }
            if !self.lanes.are_full() {
                return self.has_handed(batch);
            }
        }
    }

    /// The planner need not wait for a batch any more.
    fn has_handed(&self, batch: BatchId) {
        self.planner.borrow_mut().durable(batch);
        self.plan.nudge();
    }
}
