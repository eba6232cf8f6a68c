//! Runs that somebody else made or had: those of partitions lent anew, those submitted, or to be ended, at other nodes.
//!
//! Who submits a run makes its row durable and tells the dispatcher of its partition ([`Request::TakeUp`]). That may get
//! lost with the node that submits, so the partitions are looked through when a node goes, and from time to time. A row
//! that is found so is in nobody's hands: of each partition one dispatcher has all, and what ended here since the
//! reading began is remembered (`cronbus_core::dispatch`, `lent`).

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::dispatch::{Handover, Loan};
use cronbus_core::id::{NodeName, Partition, RunId};
use cronbus_core::port::bus::Address;
use cronbus_core::route;
use cronbus_core::run::Run;
use cronbus_core::wire::{Message, Request};

use super::mind::Mind;

/// How many unfinished runs are read at a time.
const READ_AT_A_TIME: usize = 5_000;

/// How often the partitions are looked through although nothing happened.
const LOOK: Duration = Duration::from_secs(30);

/// How long to wait before a request goes on to another node, so that two that disagree do not play ball.
const PAUSE: Duration = Duration::from_millis(500);

/// How often to look whether a partition has been lent to this node. After that the looks find what was asked for.
const TRIES: u32 = 20;

impl Mind {
    /// Finds the unfinished runs of partitions that are lent anew, and takes them in hand all at once: nothing is
    /// decided on one of them before all are known. Does not give up.
    pub(super) async fn adopt(&self, loans: &[Loan]) {
        let partitions: Vec<Partition> = loans.iter().map(|loan| loan.fence.partition).collect();
        self.dispatch.borrow_mut().reads();
        let rows = self.unfinished(&partitions).await;
        self.tell(|dispatch, now| {
            dispatch.lend(loans, now);
            dispatch.adopt(rows, now);
            dispatch.has_read();
        });
    }

    async fn unfinished(&self, partitions: &[Partition]) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        loop {
            let after = found.last().map(|run| run.id);
            match self.setup.store.unfinished(partitions, after, READ_AT_A_TIME).await {
                Ok(rows) if rows.is_empty() => return found,
                Ok(rows) => found.extend(rows),
                Err(error) => self.store_failed(&error).await,
            }
        }
    }

    /// Looks through the partitions from time to time and when a node has gone, for ever. Where nobody else writes
    /// there is nothing to find.
    pub(super) async fn keep_finding(self: Rc<Self>) {
        if self.setup.settings.handover == Handover::Sole {
            return;
        }
        loop {
            tokio::select! {
                biased;
                () = self.find.nudged() => {}
                () = self.setup.ports.clock.sleep(LOOK) => {}
            }
            let partitions = self.dispatch.borrow().partitions();
            if partitions.is_empty() {
                continue;
            }
            self.dispatch.borrow_mut().reads();
            let rows = self.unfinished(&partitions).await;
            self.tell(|dispatch, now| {
                dispatch.adopt(rows, now);
                dispatch.has_read();
            });
        }
    }

    /// Takes runs in hand that somebody else made, or tells who may.
    pub(super) async fn take_up(self: Rc<Self>, partition: Partition, runs: Vec<RunId>) {
        for _ in 0..TRIES {
            if self.dispatch.borrow().dispatches(partition) {
                return runs.into_iter().for_each(|run| self.find_out(run));
            }
            self.setup.ports.clock.sleep(PAUSE).await;
            if let Some(other) = self.other_dispatcher(partition) {
                let request = Request::TakeUp { runs, partition };
                return self.outbox.push(Address::Dispatcher(other), Message::Requests(vec![request]));
            }
        }
    }

    /// Has a run end that this dispatcher may have still to learn of, as when it has just begun, or tells who may.
    pub(super) async fn end(self: Rc<Self>, run: RunId, reason: String) {
        for _ in 0..TRIES {
            if self.tell(|dispatch, now| dispatch.kill(run, &reason, now)) {
                return;
            }
            let row = self.read(&[run]).await.pop();
            let Some(row) = row.filter(|row| !row.state.is_terminal()) else { return };
            self.setup.ports.clock.sleep(PAUSE).await;
            if let Some(other) = self.other_dispatcher(row.job.partition()) {
                let message = Message::Requests(vec![Request::Kill { run, reason }]);
                return self.outbox.push(Address::Dispatcher(other), message);
            }
        }
        tracing::warn!(%run, reason, "a run that was to be ended goes on: nobody dispatches it");
    }

    /// The node whose dispatcher has this partition, if it is not this one.
    fn other_dispatcher(&self, partition: Partition) -> Option<NodeName> {
        let members = self.members.borrow();
        let name = route::dispatcher_of(partition, &members).map(|member| &member.name)?;
        (*name != self.setup.settings.node).then(|| name.clone())
    }

    /// A run was submitted here: it is in its dispatcher's hands from now on, or soon.
    pub(super) fn hand_on(self: &Rc<Self>, run: &Run) {
        let partition = run.job.partition();
        self.tasks.start(Rc::clone(self).take_up(partition, vec![run.id]));
    }
}
