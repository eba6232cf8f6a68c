//! The loop that plans, and the way of a batch to the dispatcher.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::planner::Batch;
use cronbus_core::port::store::Creation;

use super::actor::Mind;
use crate::dispatcher::Create;

/// How long one batch may take to become durable before its dispatcher is asked again. It is repeated then, which is
/// harmless: rows have derived keys.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Has batches made durable one after the other, for ever: a later one's watermark counts on the rows of those
    /// before it.
    pub(super) async fn keep_creating(self: Rc<Self>) {
        loop {
            let next = self.batches.borrow_mut().pop_front();
            let Some(batch) = next else {
                self.create.nudged().await;
                continue;
            };
            self.create(Arc::new(batch.creation)).await;
            self.planner.borrow_mut().durable(batch.id);
            self.plan.nudge();
        }
    }

    /// Has the dispatcher make a batch durable; does not give up.
    async fn create(&self, creation: Arc<Creation>) {
        loop {
            match self.setup.dispatcher.ask(Create(Arc::clone(&creation)), PATIENCE).await {
                Ok(fenced) if fenced.is_empty() => return,
                Ok(fenced) => {
                    self.setup.figures.fenced.add(fenced.len());
                    tracing::warn!(partitions = fenced.len(), "another node owns partitions this one planned for");
                    self.planner.borrow_mut().disown(&fenced);
                    self.owned.borrow_mut().retain(|partition| !fenced.contains(partition));
                    self.own.nudge();
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "a batch is offered to the dispatcher again");
                    self.setup.ports.clock.sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}
