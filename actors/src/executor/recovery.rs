//! What the former life of this node left behind.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::port::runner::Reaped;
use cronbus_core::port::spool::Remembered;
use cronbus_core::run::{Ending, Outcome};

use super::mind::Mind;

impl Mind {
    /// Reads the spool, answers for what is in it, and lets everything else begin.
    pub(super) async fn recover(self: Rc<Self>) {
        let remembered = self.read_spool().await;
        let (orphans, never_begun) = self.pool.borrow_mut().recover(remembered);
        self.never_mind(never_begun.into_iter()).await;
        self.setup.figures.orphans.add(orphans.len());
        for orphan in orphans {
            self.tasks.start(Rc::clone(&self).settle_orphan(orphan));
        }
        let waiting = self.pool.borrow().unacknowledged();
        for ended in waiting {
            self.tell_dispatcher(ended.job, ended.report());
        }
        self.has_recovered();
    }

    async fn read_spool(&self) -> Vec<Remembered> {
        loop {
            match self.setup.ports.spool.recover().await {
                Ok(remembered) => return remembered,
                Err(error) => {
                    self.setup.figures.spool_failures.add(1);
                    tracing::error!(%error, "nothing is executed before the spool can be read");
                    self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// A run that may have been started by the former life and whose end is not known: it is lost, once nothing of it
    /// runs unseen.
    async fn settle_orphan(self: Rc<Self>, orphan: Remembered) {
        let reaped = match orphan.process {
            Some(process) => {
                let grace = self.setup.kill_grace;
                Some(self.setup.ports.runner.reap(process, grace, self.setup.kill_orphans).await)
            }
            None => None,
        };
        let reason = match reaped {
            Some(Reaped::Ended) => "its node was killed while it ran; what was left of its processes was ended",
            Some(Reaped::Left) => "its node was killed while it ran; its processes were left running, as configured",
            Some(Reaped::Gone) => "its node was killed while it ran; nothing of its processes was left",
            None => "its node was killed when it was about to start or while it ran",
        };
        let now = self.setup.ports.clock.now();
        let outcome = Outcome::bare(Ending::Lost, orphan.started_at, now, reason);
        let ended = self.pool.borrow_mut().ended(orphan.run, orphan.job, outcome);
        self.conclude(vec![ended]).await;
    }
}
