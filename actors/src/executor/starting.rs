//! The loop that starts what may start.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::port::spool::Entry;
use cronbus_core::wire::Assignment;

use super::mind::Mind;

impl Mind {
    /// Starts runs as slots get free, for ever.
    pub(super) async fn keep_starting(self: Rc<Self>) {
        loop {
            self.start.nudged().await;
            loop {
                let starts = self.pool.borrow_mut().next(self.setup.ports.clock.now());
                if starts.start.is_empty() && starts.instant.is_empty() && starts.expired.is_empty() {
                    break;
                }
                for assignment in &starts.expired {
                    self.expired(assignment);
                }
                if !starts.instant.is_empty() {
                    self.setup.figures.started.add(starts.instant.len());
                    self.conclude(starts.instant).await;
                }
                self.begin(starts.start).await;
            }
        }
    }

    fn expired(&self, assignment: &Assignment) {
        self.tell_owner(assignment.job.id, assignment.refused("no slot was free in time", true));
    }

    async fn begin(self: &Rc<Self>, starts: Vec<Arc<Assignment>>) {
        let entries: Vec<Entry> = starts.iter().map(|assignment| Entry::Starting { run: assignment.run }).collect();
        if self.spool(&entries).await.is_err() {
            for assignment in starts {
                self.pool.borrow_mut().postponed(assignment);
            }
            self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
            self.start.nudge();
            return;
        }
        self.setup.figures.started.add(starts.len());
        for assignment in starts {
            self.tasks.start(Rc::clone(self).execute(assignment));
        }
    }
}
