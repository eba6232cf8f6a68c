//! From planned slots to durable rows: guard, one transaction, confirmation.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::dispatch::{Handover, Loan};
use cronbus_core::id::{Partition, RunId};
use cronbus_core::port::store::{Advance, Created, Creation, Error, Fence};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;

use super::mind::Mind;

/// How long a claim holds unless the rows become durable before.
const LEASE: Duration = Duration::from_secs(10);

/// How long to stand back when another has claimed rows: longer than a transaction takes, and little beside a member's
/// lease, which is what has usually ended when two want the same rows.
const STAND_BACK: Duration = Duration::from_millis(300);

impl Mind {
    /// Makes a batch durable and takes its runs in hand. Returns the partitions whose part was refused, because another
    /// node owns them. Does not give up: while the store is away, nothing else is created.
    pub(super) async fn create(&self, creation: Arc<Creation>) -> Vec<Partition> {
        let _turn = self.creating.lock().await;
        let ids: Vec<RunId> = creation.runs.iter().map(|run| run.id).collect();
        self.claim(&ids).await;
        let mut creation = Arc::unwrap_or_clone(creation);
        let only_lends = creation.runs.is_empty() && creation.advances.iter().all(|advance| self.is_new(advance));
        let mut fenced = self.borrow(&mut creation).await;
        if only_lends {
            return fenced;
        }
        {
            let mut dispatch = self.dispatch.borrow_mut();
            dispatch.reads();
            dispatch.place(&mut creation.runs, self.setup.ports.clock.now());
            creation.events = dispatch.events_of(&creation.runs);
        }
        let created = self.write_rows(&mut creation, &mut fenced).await;
        self.confirm(&ids).await;
        self.take_in_hand(creation.runs, created);
        self.dispatch.borrow_mut().has_read();
        fenced
    }

    /// Makes rows durable. What is refused is left out of `creation` and named in `fenced`.
    async fn write_rows(&self, creation: &mut Creation, fenced: &mut Vec<Partition>) -> Created {
        loop {
            match self.setup.store.create(creation).await {
                Ok(created) => {
                    self.store_answered();
                    return created;
                }
                Err(Error::Fenced { partition, .. }) => {
                    self.setup.figures.fenced.add(1);
                    fenced.push(partition);
                    creation.leave_out(partition);
                }
                Err(error) => self.store_failed(&error).await,
            }
        }
    }

    /// Finds out what is not over in partitions that are lent to this dispatcher anew. Those whose epoch is not in force
    /// are left out of `creation`, and returned.
    async fn borrow(&self, creation: &mut Creation) -> Vec<Partition> {
        let lends = |advance: &Advance| Loan { fence: fence(advance), reached: advance.watermark };
        let still = |advance: &Advance| Advance { watermark: Timestamp::EPOCH, ..*advance };
        let new: Vec<Advance> = creation.advances.iter().filter(|advance| self.is_new(advance)).copied().collect();
        if new.is_empty() {
            return Vec::new();
        }
        let mut asked = Creation { advances: new.iter().map(still).collect(), ..Creation::default() };
        let mut fenced = Vec::new();
        self.write_rows(&mut asked, &mut fenced).await;
        for partition in &fenced {
            creation.leave_out(*partition);
        }
        let lent = new.iter().filter(|advance| !fenced.contains(&advance.partition));
        self.adopt(&lent.map(lends).collect::<Vec<_>>()).await;
        fenced
    }

    /// Whether the partition is not lent to this dispatcher under this epoch yet.
    fn is_new(&self, advance: &Advance) -> bool {
        !self.dispatch.borrow().has_lent(&fence(advance))
    }

    /// Asks the guard. Where another holds a lease, lets it go first: either its rows are there then, or it died before it
    /// wrote them, or its epoch is over. The store decides in the end, and all others wait meanwhile, so not for the whole
    /// lease of somebody who is gone.
    async fn claim(&self, ids: &[RunId]) {
        if ids.is_empty() || self.is_sole() {
            return;
        }
        let ports = &self.setup.ports;
        match ports.guard.claim(ids, &self.setup.settings.node, LEASE).await {
            Ok(granted) if granted.iter().all(|granted| *granted) => {}
            Ok(_) => ports.clock.sleep(STAND_BACK).await,
            // That it is away is told by its adapter, once; the store decides alone meanwhile.
            Err(_) => self.setup.figures.unguarded.add(1),
        }
    }

    /// Whether there is nobody to be kept from creating the same rows.
    fn is_sole(&self) -> bool {
        self.setup.settings.handover == Handover::Sole
    }

    async fn confirm(&self, ids: &[RunId]) {
        if ids.is_empty() || self.is_sole() {
            return;
        }
        if let Err(error) = self.setup.ports.guard.confirm(ids, &self.setup.settings.node).await {
            tracing::debug!(%error, "the guard's leases end by themselves");
        }
    }

    fn take_in_hand(&self, mut rows: Vec<Run>, created: Created) {
        let figures = &self.setup.figures;
        figures.existing.add(created.existing.len());
        figures.created.add(rows.len().saturating_sub(created.existing.len()));
        if !created.existing.is_empty() {
            let existing: std::collections::HashSet<_> = created.existing.iter().map(|run| run.id).collect();
            rows.retain(|run| !existing.contains(&run.id));
        }
        self.tell(|dispatch, now| {
            dispatch.created_ahead(rows, now);
            dispatch.adopt(created.existing, now);
        });
    }
}

const fn fence(advance: &Advance) -> Fence {
    Fence { partition: advance.partition, epoch: advance.epoch }
}
