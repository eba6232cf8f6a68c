//! Writing what became of runs, in batches: a run that starts and ends within one window is written once.

use std::rc::Rc;
use std::sync::Arc;

use cronbus_core::port::store::{Error, Fence, Recording};

use super::mind::Mind;

impl Mind {
    /// Writes whatever changed, for ever.
    pub(super) async fn keep_flushing(self: Rc<Self>) {
        let clock = Arc::clone(&self.setup.ports.clock);
        loop {
            self.flush.nudged().await;
            if self.dispatch.borrow().unflushed() < self.setup.flush_rows {
                clock.sleep(self.setup.flush).await;
            }
            loop {
                let next = self.dispatch.borrow_mut().flush(self.setup.flush_rows);
                let Some(recording) = next else { break };
                self.flush_is_out.set(true);
                self.write(recording).await;
                self.flush_is_out.set(false);
            }
        }
    }

    /// Has the store record a batch; does not give up, since a commit that failed may have happened and repeating it is
    /// harmless.
    async fn write(&self, mut recording: Recording) {
        let recorded = loop {
            match self.setup.store.record(&recording).await {
                Ok(recorded) => break recorded,
                Err(Error::Fenced { partition, used, .. }) => {
                    self.fenced(Fence { partition, epoch: used });
                    recording.leave_out(partition);
                }
                Err(error) => self.store_failed(&error).await,
            }
        };
        self.store_answered();
        self.setup.figures.recorded.add(recording.updates.len());
        self.tell(|dispatch, now| dispatch.flushed(recorded, now));
    }

    /// Somebody else has the partition: what this dispatcher had in hand of it is his.
    fn fenced(&self, fence: Fence) {
        self.setup.figures.fenced.add(1);
        tracing::warn!(partition = fence.partition.0, "another node dispatches this partition");
        self.tell(|dispatch, _| {
            if dispatch.has_lent(&fence) {
                dispatch.disown(&[fence.partition]);
            }
        });
    }

    /// Whether everything that happened is in the store.
    pub(super) fn is_settled(&self) -> bool {
        !self.flush_is_out.get() && self.dispatch.borrow().unflushed() == 0 && self.outbox.is_empty()
    }
}
