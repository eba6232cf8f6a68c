//! What the dispatcher can be told and asked.

use std::rc::Rc;
use std::sync::Arc;

use actix::{Context, Handler, Message, ResponseFuture};
use cronbus_core::id::{JobId, NodeName, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::bus::Address;
use cronbus_core::port::membership::{Member, Snapshot};
use cronbus_core::port::store::{self, Creation, Submission, Submitted};
use cronbus_core::wire::{self, Report, Request};

use super::actor::Dispatcher;

/// Make these rows durable. Answers when they are, with the partitions whose rows were refused because another node
/// owns them.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Vec<Partition>")]
pub(crate) struct Create(pub(crate) Arc<Creation>);

impl Handler<Create> for Dispatcher {
    type Result = ResponseFuture<Vec<Partition>>;
    fn handle(&mut self, Create(creation): Create, _: &mut Context<Self>) -> Self::Result {
        let mind = Rc::clone(&self.mind);
        Box::pin(async move { mind.create(creation).await })
    }
}

/// Make this run, or find the one its key already has. Answers when it is durable.
#[derive(Clone, Debug, Message)]
#[rtype(result = "store::Result<Submitted>")]
pub(crate) struct Submit(pub(crate) Submission);

impl Handler<Submit> for Dispatcher {
    type Result = ResponseFuture<store::Result<Submitted>>;
    fn handle(&mut self, Submit(submission): Submit, _: &mut Context<Self>) -> Self::Result {
        let mind = Rc::clone(&self.mind);
        Box::pin(async move {
            let submitted = mind.setup.store.submit(&submission).await.inspect_err(|_| {
                // It may be there all the same.
                mind.hand_on(&submission.run);
            })?;
            let run = &submitted.run;
            mind.setup.figures.created.add(usize::from(submitted.created));
            if submitted.created && mind.dispatch.borrow().dispatches(run.job.partition()) {
                mind.tell(|dispatch, _| dispatch.created(vec![run.clone()]));
            } else if !run.state.is_terminal() {
                // It is another dispatcher's; or it was made by a call that was told that it had failed, perhaps, and
                // nobody has it in hand.
                mind.hand_on(run);
            }
            Ok(submitted)
        })
    }
}

/// A scheduler elsewhere wants this made durable. It is told over the bus.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Due(pub(crate) wire::DueBatch);

impl Handler<Due> for Dispatcher {
    type Result = ();
    fn handle(&mut self, Due(batch): Due, _: &mut Context<Self>) {
        let mind = Rc::clone(&self.mind);
        let key = (batch.from.clone(), batch.from_life, batch.sequence);
        if !mind.due.borrow_mut().insert(key.clone()) {
            return;
        }
        let mind_of_task = Rc::clone(&mind);
        mind.tasks.start(async move {
            let mind = mind_of_task;
            let fenced = mind.create(batch.creation).await;
            mind.due.borrow_mut().remove(&key);
            let durable = wire::Durable { to_life: batch.from_life, sequence: batch.sequence, fenced };
            mind.outbox.push(Address::Scheduler(batch.from), wire::Message::Durable(durable));
        });
    }
}

/// Another node asks for something.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Requested(pub(crate) Vec<Request>);

impl Handler<Requested> for Dispatcher {
    type Result = ();
    fn handle(&mut self, Requested(requests): Requested, _: &mut Context<Self>) {
        for request in requests {
            match request {
                Request::TakeUp { runs, partition } => {
                    self.mind.tasks.start(Rc::clone(&self.mind).take_up(partition, runs));
                }
                Request::Kill { run, reason } => {
                    self.mind.tasks.start(Rc::clone(&self.mind).end(run, reason));
                }
            }
        }
    }
}

/// These partitions are somebody else's now.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Disown(pub(crate) Vec<Partition>);

impl Handler<Disown> for Dispatcher {
    type Result = ();
    fn handle(&mut self, Disown(partitions): Disown, _: &mut Context<Self>) {
        self.mind.tell(|dispatch, _| dispatch.disown(&partitions));
    }
}

/// A node's executor reports.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Reported {
    pub(crate) node: NodeName,
    pub(crate) reports: Vec<Report>,
}

impl Handler<Reported> for Dispatcher {
    type Result = ();
    fn handle(&mut self, Reported { node, reports }: Reported, _: &mut Context<Self>) {
        self.mind.tell(|dispatch, now| dispatch.reported(&node, reports, now));
    }
}

/// Jobs are new or were changed.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct JobsChanged(pub(crate) Arc<Vec<Arc<Job>>>);

impl Handler<JobsChanged> for Dispatcher {
    type Result = ();
    fn handle(&mut self, JobsChanged(jobs): JobsChanged, _: &mut Context<Self>) {
        self.mind.tell(|dispatch, now| {
            jobs.iter().for_each(|job| dispatch.job_changed(Arc::clone(job)));
            dispatch.revoke_changed(now);
        });
    }
}

/// All jobs there are have been told.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CatalogComplete;

impl Handler<CatalogComplete> for Dispatcher {
    type Result = ();
    fn handle(&mut self, _: CatalogComplete, _: &mut Context<Self>) {
        self.mind.tell(|dispatch, now| dispatch.catalog_complete(now));
    }
}

/// The wall clock was set: what waits for an instant has to be looked at again.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ClockJumped;

impl Handler<ClockJumped> for Dispatcher {
    type Result = ();
    fn handle(&mut self, _: ClockJumped, _: &mut Context<Self>) {
        self.mind.tell(cronbus_core::dispatch::Dispatch::tick);
    }
}

/// Which nodes live.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct MembersChanged(pub(crate) Snapshot);

impl Handler<MembersChanged> for Dispatcher {
    type Result = ();
    fn handle(&mut self, MembersChanged(snapshot): MembersChanged, _: &mut Context<Self>) {
        let before = self.mind.members.replace(snapshot.members.to_vec());
        let lives_on = |member: &Member| {
            snapshot.members.iter().any(|other| other.name == member.name && other.started_at == member.started_at)
        };
        if !before.iter().all(lives_on) {
            // It may have submitted runs that nobody was told of.
            self.mind.find.nudge();
        }
        self.mind.tell(|dispatch, now| dispatch.members_changed(&snapshot.members, now));
    }
}

/// End this run. Answers whether this dispatcher has it and it was not over.
#[derive(Clone, Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct Kill {
    pub(crate) run: RunId,
    pub(crate) reason: String,
}

impl Handler<Kill> for Dispatcher {
    type Result = bool;
    fn handle(&mut self, Kill { run, reason }: Kill, _: &mut Context<Self>) -> bool {
        self.mind.tell(|dispatch, now| dispatch.kill(run, &reason, now))
    }
}

/// How many runs of this job are not over?
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "u32")]
pub(crate) struct Busy(pub(crate) JobId);

impl Handler<Busy> for Dispatcher {
    type Result = u32;
    fn handle(&mut self, Busy(job): Busy, _: &mut Context<Self>) -> u32 {
        self.mind.dispatch.borrow().busy(job)
    }
}

/// How many runs does this node have?
#[derive(Clone, Debug, Message)]
#[rtype(result = "u32")]
pub(crate) struct Running(pub(crate) NodeName);

impl Handler<Running> for Dispatcher {
    type Result = u32;
    fn handle(&mut self, Running(node): Running, _: &mut Context<Self>) -> u32 {
        self.mind.dispatch.borrow().running_on(&node)
    }
}

/// Hand nothing more over: the node is ending.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Close;

impl Handler<Close> for Dispatcher {
    type Result = ();
    fn handle(&mut self, _: Close, _: &mut Context<Self>) {
        self.mind.tell(|dispatch, _| dispatch.close());
    }
}

/// Is everything that happened in the store, and has this node no more runs than those that go on without it? What others
/// have, whoever dispatches next hears of from them.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct Settled {
    /// How many runs of this node go on without it.
    pub(crate) but: u32,
}

impl Handler<Settled> for Dispatcher {
    type Result = bool;
    fn handle(&mut self, Settled { but }: Settled, _: &mut Context<Self>) -> bool {
        self.mind.is_settled() && self.mind.dispatch.borrow().running_on(&self.mind.setup.settings.node) <= but
    }
}
