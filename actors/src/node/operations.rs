//! What a node does for those who ask it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use actix::{Actor, Context};
use async_trait::async_trait;
use cronbus_core::audit::{Action, Object, ObjectKind, Trail};
use cronbus_core::id::{JobId, NodeName, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::bus::Address;
use cronbus_core::port::health::Service;
use cronbus_core::port::membership::{self, Availability, Member};
use cronbus_core::port::operations::{
    ActorStatus, Health, JobStatus, NodeStatus, PartHealth, Request as Asked, Shutdown,
};
use cronbus_core::port::store::{self, Page, RunFilter, Submission, Submitted, Write};
use cronbus_core::port::{Operations, Store};
use cronbus_core::route;
use cronbus_core::run::Run;
use cronbus_core::wire::{Control, Message, Request};

use serde_json::json;

use super::lacking;
use super::start::Node;
use crate::dispatcher;
use crate::executor::Controlled;
use crate::mailbox::{self, Mailbox};
use crate::monitor::{self, statistics};
use crate::scheduler;

/// How long an actor may take to answer those who ask the node.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

#[async_trait]
impl Operations for Node {
    async fn write_jobs(&self, writes: Vec<Write>, trail: &Trail) -> store::Result<Vec<Arc<Job>>> {
        let jobs = self.store("change jobs")?.write_jobs_on_record(&writes, trail).await?;
        if let Some(monitor) = &self.monitor {
            // It would notice by itself; who changed a job should find it changed.
            let _ = monitor.ask(monitor::Refresh, PATIENCE).await;
        }
        Ok(jobs)
    }

    async fn submit(&self, request: Asked) -> store::Result<Submitted> {
        let submission = self.submission(request);
        match &self.dispatcher {
            Some(dispatcher) => match dispatcher.ask(dispatcher::Submit(submission.clone()), PATIENCE).await {
                Ok(submitted) => submitted,
                // A successor has this node's work: its dispatcher finds the row.
                Err(mailbox::Error::Closed { .. }) => self.submit_elsewhere(submission).await,
                Err(error) => Err(unavailable("submit a run", &error)),
            },
            None => self.submit_elsewhere(submission).await,
        }
    }

    async fn kill(&self, run: RunId, by: &str) -> store::Result<bool> {
        let reason = format!("killed by {by}");
        if let Some(dispatcher) = &self.dispatcher {
            let kill = dispatcher::Kill { run, reason: reason.clone() };
            match dispatcher.ask(kill, PATIENCE).await {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                Err(error) => return Err(unavailable("kill a run", &error)),
            }
        }
        let row = self.store("kill a run")?.run(run).await?;
        let Some(row) = row.filter(|row| !row.state.is_terminal()) else { return Ok(false) };
        self.request(row.job.partition(), Request::Kill { run, reason }, "kill a run").await
    }

    async fn hold(&self, hold: bool) {
        if let Some(executor) = &self.executor {
            // An actor that ended for good takes the node with it.
            let _ = executor.tell(Controlled(vec![Control::Hold(hold)])).await;
        }
    }

    async fn set_state(&self, node: &NodeName, state: Availability) -> Result<bool, membership::Error> {
        self.ports.membership.set_state(node, state).await
    }

    async fn members(&self) -> Vec<NodeStatus> {
        let members = self.ports.membership.snapshot().members;
        let running = self.running(&members).await;
        let of = |name| running.get(name).copied().unwrap_or(0);
        members.iter().map(|member| NodeStatus { running: of(&member.name), member: member.clone() }).collect()
    }

    async fn roster(&self) -> Vec<Member> {
        self.ports.membership.snapshot().members.to_vec()
    }

    async fn job_status(&self, job: JobId) -> store::Result<JobStatus> {
        let filter = RunFilter { job: Some(job), ..RunFilter::default() };
        let page = Page { after: None, limit: statistics::LOOKED_AT };
        let (runs, _) = self.store("read runs")?.runs(&filter, &page).await?;
        let mut status = statistics::sum_up(&runs, self.settings.late_after);
        if let Some(scheduler) = &self.scheduler {
            status.next_at = scheduler.ask(scheduler::NextDue(job), PATIENCE).await.unwrap_or(None);
        }
        if let Some(dispatcher) = &self.dispatcher {
            let busy = dispatcher.ask(dispatcher::Busy(job), PATIENCE).await.unwrap_or(0);
            status.unfinished = status.unfinished.max(busy);
        }
        Ok(status)
    }

    async fn health(&self) -> Health {
        if self.is_passed_on.load(Relaxed) {
            let gone_on = well("the node goes on in another process of this host; this one answers its last requests");
            return Health::of(self.name(), BTreeMap::from([("process".to_owned(), gone_on)]));
        }
        let ports = &self.ports;
        let services = [ports.bus.health(), ports.membership.health(), ports.guard.health()];
        let mut parts: BTreeMap<_, _> =
            services.into_iter().map(|health| (health.service.to_string(), PartHealth::from(health))).collect();
        parts.insert(Service::Database.to_string(), self.store_health().await);
        parts.insert("lease".to_owned(), self.lease_health());
        parts.insert("executor".to_owned(), self.executor_health());
        parts.insert(Health::CLUSTER.to_owned(), lacking::health(&ports.membership.snapshot().members));
        Health::of(self.name(), parts)
    }

    fn actors(&self) -> Vec<ActorStatus> {
        let counted = self.ports.bus.counters();
        let counters = counted.into_iter().map(|(name, count)| (name, i64::try_from(count).unwrap_or(i64::MAX)));
        let bus = ActorStatus { name: "bus".to_owned(), counters: counters.collect(), ..ActorStatus::default() };
        let mut statuses = self.observer.statuses();
        if !bus.counters.is_empty() {
            statuses.push(bus);
        }
        statuses
    }

    async fn hanging(&self, patience: Duration) -> Vec<String> {
        let (scheduler, dispatcher, executor, monitor, alerter) = futures::join!(
            hangs(self.scheduler.as_ref(), patience),
            hangs(self.dispatcher.as_ref(), patience),
            hangs(self.executor.as_ref(), patience),
            hangs(self.monitor.as_ref(), patience),
            hangs(self.alerter.as_ref(), patience),
        );
        [scheduler, dispatcher, executor, monitor, alerter].into_iter().flatten().collect()
    }

    async fn shut_down(&self, limit: Duration) -> Shutdown {
        self.end(limit).await
    }

    async fn hand_over(&self) {
        self.pass_on().await;
    }
}

impl Node {
    /// The store, for something that cannot be done without.
    fn store(&self, what: &'static str) -> store::Result<&Arc<dyn Store>> {
        let none =
            || unavailable(what, &"this node has no database; ask one that schedules, dispatches or serves the web");
        self.ports.store.as_ref().ok_or_else(none)
    }

    /// Makes the row and tells its dispatcher. That finds the row by itself if it is not told.
    async fn submit_elsewhere(&self, submission: Submission) -> store::Result<Submitted> {
        let submitted = self.store("submit a run")?.submit(&submission).await?;
        let partition = submitted.run.job.partition();
        let request = Request::TakeUp { runs: vec![submitted.run.id], partition };
        if let Err(error) = self.request(partition, request, "start a run at once").await {
            tracing::warn!(%error, "a submitted run waits until its dispatcher looks for it");
        }
        Ok(submitted)
    }

    /// Asks the dispatcher of a partition for something; false when there is none.
    async fn request(&self, partition: Partition, request: Request, what: &'static str) -> store::Result<bool> {
        let members = self.ports.membership.snapshot().members;
        let Some(dispatcher) = route::dispatcher_of(partition, &members) else { return Ok(false) };
        let to = Address::Dispatcher(dispatcher.name.clone());
        let sent = self.ports.bus.publish(&to, Message::Requests(vec![request])).await;
        sent.map(|()| true).map_err(|error| unavailable(what, &error))
    }

    pub(super) fn name(&self) -> cronbus_core::id::NodeName {
        self.member.lock().unwrap_or_else(PoisonError::into_inner).name.clone()
    }

    fn submission(&self, request: Asked) -> Submission {
        let now = self.ports.clock.now();
        let Asked { job, params, idempotency_key, trigger, trail } = request;
        let count = self.submissions.fetch_add(1, Relaxed);
        let life = self.member.lock().unwrap_or_else(PoisonError::into_inner).started_at;
        let nonce = format!("{}/{}/{count}", self.name(), life.millis());
        let id = RunId::submission(now, job.id, &nonce);
        let object = Object::with_id(ObjectKind::Run, job.definition.name.as_str(), id);
        let record = trail.entry(0, Action::RunStart, object);
        let record = record.changing(None, (!params.is_empty()).then(|| json!({ "params": params })));
        let params = (!params.is_empty()).then(|| Arc::new(params));
        let reason = format!("asked for by {}", trail.actor.name);
        let run = Run { trigger, params, reason, ..Run::new(id, job.id, job.revision, now, now) };
        Submission { run, idempotency_key, record: Some(record) }
    }

    async fn store_health(&self) -> PartHealth {
        let (Some(monitor), Some(_)) = (&self.monitor, &self.ports.store) else { return well("this node needs none") };
        match monitor.ask(monitor::LastLook, PATIENCE).await {
            Ok(Some((_, Some(trouble)))) => {
                ill(format!("{trouble}. Nothing fires until it answers; then the gap is caught up"))
            }
            // One whose disk is full, or that became read-only, still answers what it is asked.
            Ok(Some((Some(_), None))) if self.observer.counter("dispatcher", "store_away").get() != 0 => ill(
                "it can be read, but what is to be written is refused (the log of this node says why). Nothing fires \
                     until it takes it; then the gap is caught up",
            ),
            Ok(Some((Some(at), None))) => well(format!("answered, last at {at}")),
            Ok(_) => ill("the jobs are still being loaded"),
            Err(error) => ill(error.to_string()),
        }
    }

    fn lease_health(&self) -> PartHealth {
        if self.ports.membership.holds_lease() {
            let members = self.ports.membership.snapshot().members.len();
            return well(format!("{members} nodes known"));
        }
        ill("this node's lease may have ended: it starts nothing new until it is renewed")
    }

    fn executor_health(&self) -> PartHealth {
        let held = self.executor.is_some() && self.observer.counter("executor", "held").get() != 0;
        if held { ill("held: it starts nothing new until it is released") } else { well("takes work") }
    }
}

/// The name of an actor that does not come to a knock in time.
async fn hangs<A: Actor<Context = Context<A>>>(actor: Option<&Mailbox<A>>, patience: Duration) -> Option<String> {
    match actor?.knock(patience).await {
        Err(mailbox::Error::Late { actor, .. }) => Some(actor.to_string()),
        Ok(()) | Err(_) => None,
    }
}

fn unavailable(what: &'static str, reason: &impl ToString) -> store::Error {
    store::Error::Unavailable { what, reason: reason.to_string() }
}

fn well(detail: impl Into<String>) -> PartHealth {
    PartHealth::well(detail)
}

fn ill(detail: impl Into<String>) -> PartHealth {
    PartHealth::ill(detail)
}
