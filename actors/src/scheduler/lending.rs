//! The way of a batch to the dispatcher that its partitions are lent to: through its mailbox where that is here, over
//! the bus where it is elsewhere, there in pieces that a message can carry.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::Partition;
use cronbus_core::port::bus::Address;
use cronbus_core::port::store::{Advance, Creation};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::{DueBatch, Durable, Message};
use tokio::sync::oneshot;

use super::actor::Mind;
use super::ownership::Borrower;
use crate::dispatcher::Create;
use crate::mailbox::Mailbox;
use crate::patience::Patience;

/// How long a dispatcher here may take before it is asked again. What is asked twice is harmless: rows have derived keys.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same for one elsewhere, which knows what it is about already.
const REPEAT: Duration = Duration::from_secs(2);

/// Between two tries when a dispatcher could not be asked.
const PAUSE: Duration = Duration::from_millis(100);

/// How many rows one message carries at the most.
const ROWS_AT_A_TIME: usize = 1_000;

impl Mind {
    /// Has a dispatcher make rows durable; returns the partitions that were refused because another node owns them.
    /// Does not give up before `wanted` says that it is in vain; `None` then.
    pub(super) async fn hand(
        &self,
        to: &Borrower,
        creation: Arc<Creation>,
        wanted: impl Fn() -> bool,
    ) -> Option<Vec<Partition>> {
        match &self.setup.dispatcher {
            Some(dispatcher) if to.node == self.setup.node => self.hand_here(dispatcher, creation, &wanted).await,
            _ => self.hand_elsewhere(to, creation, &wanted).await,
        }
    }

    async fn hand_here(
        &self,
        dispatcher: &Mailbox<crate::dispatcher::Dispatcher>,
        creation: Arc<Creation>,
        wanted: &impl Fn() -> bool,
    ) -> Option<Vec<Partition>> {
        loop {
            match dispatcher.ask(Create(Arc::clone(&creation)), PATIENCE).await {
                Ok(fenced) => return Some(fenced),
                Err(error) => tracing::warn!(%error, "a batch is offered to the dispatcher again"),
            }
            self.setup.ports.clock.sleep(PAUSE).await;
            if !wanted() {
                return None;
            }
        }
    }

    async fn hand_elsewhere(
        &self,
        to: &Borrower,
        creation: Arc<Creation>,
        wanted: &impl Fn() -> bool,
    ) -> Option<Vec<Partition>> {
        let mut fenced = Vec::new();
        for piece in pieces(creation) {
            fenced.extend(self.send(to, piece, wanted).await?);
        }
        Some(fenced)
    }

    /// Sends a piece until it is answered.
    async fn send(&self, to: &Borrower, piece: Arc<Creation>, wanted: &impl Fn() -> bool) -> Option<Vec<Partition>> {
        let sequence = self.sequence.get() + 1;
        self.sequence.set(sequence);
        let batch = DueBatch { from: self.setup.node.clone(), from_life: self.setup.life, sequence, creation: piece };
        let address = Address::Dispatcher(to.node.clone());
        let (sender, mut answer) = oneshot::channel();
        {
            let mut unanswered = self.unanswered.borrow_mut();
            // Those who waited and were told that it is in vain.
            unanswered.retain(|_, waiting| !waiting.is_closed());
            unanswered.insert(sequence, sender);
        }
        let mut patience = Patience::default();
        loop {
            let bus = &self.setup.ports.bus;
            if let Err(error) = bus.publish(&address, Message::Due(batch.clone())).await
                && patience.runs_out(&**bus)
            {
                tracing::warn!(%error, dispatcher = %to.node, "a batch waits for the bus");
            }
            tokio::select! {
                biased;
                answered = &mut answer => return answered.ok(),
                () = self.setup.ports.clock.sleep(REPEAT) => {}
            }
            if !wanted() {
                self.unanswered.borrow_mut().remove(&sequence);
                return None;
            }
        }
    }

    /// A dispatcher answers. An answer that nobody waits for was given before.
    pub(super) fn answered(&self, Durable { to_life, sequence, fenced }: Durable) {
        if to_life == self.setup.life
            && let Some(waiting) = self.unanswered.borrow_mut().remove(&sequence)
        {
            // Whoever waited may have been told that it is in vain.
            let _ = waiting.send(fenced);
        }
    }
}

/// A batch in pieces of bounded size. Only the last one moves watermarks: they count on the rows of all.
fn pieces(creation: Arc<Creation>) -> Vec<Arc<Creation>> {
    if creation.runs.len() <= ROWS_AT_A_TIME {
        return vec![creation];
    }
    let Creation { runs, advances, .. } = Arc::unwrap_or_clone(creation);
    let still = |advance: &Advance| Advance { watermark: Timestamp::EPOCH, ..*advance };
    let fences: Vec<Advance> = advances.iter().map(still).collect();
    let piece = |runs: &[_]| Creation { runs: runs.to_vec(), advances: fences.clone(), ..Creation::default() };
    let mut pieces: Vec<Creation> = runs.chunks(ROWS_AT_A_TIME).map(piece).collect();
    if let Some(last) = pieces.last_mut() {
        last.advances = advances;
    }
    pieces.into_iter().map(Arc::new).collect()
}

#[cfg(test)]
mod tests {
    use cronbus_core::id::{Attempt, Epoch, JobId, Revision, Slot};
    use cronbus_core::run::Run;

    use super::*;

    fn waiting(second: usize) -> Run {
        let due = Timestamp::from_seconds(i64::try_from(second).unwrap());
        Run::new(Slot::new(JobId(1), due).run_id(Attempt::FIRST), JobId(1), Revision(1), due, due)
    }

    #[test]
    fn only_the_last_piece_moves_watermarks_and_no_row_is_left_out() {
        let partition = JobId(1).partition();
        let advance = Advance { partition, epoch: Epoch(3), watermark: Timestamp::from_seconds(9) };
        for rows in [0, 1, ROWS_AT_A_TIME, ROWS_AT_A_TIME + 1, 2 * ROWS_AT_A_TIME + 7] {
            let runs: Vec<_> = (0..rows).map(waiting).collect();
            let pieces =
                pieces(Arc::new(Creation { runs: runs.clone(), advances: vec![advance], ..Creation::default() }));
            let (last, before) = pieces.split_last().unwrap();
            assert_eq!(last.advances, [advance]);
            let still = [Advance { watermark: Timestamp::EPOCH, ..advance }];
            assert!(before.iter().all(|piece| piece.advances == still && piece.runs.len() == ROWS_AT_A_TIME));
            let all: Vec<_> = pieces.iter().flat_map(|piece| piece.runs.clone()).collect();
            assert_eq!(all, runs);
        }
    }
}
