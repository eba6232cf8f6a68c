//! Starting the actors of a node's roles, from right to left in the message graph: nobody is told anything before those
//! it tells are there.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use actix_rt::ArbiterHandle;
use cronbus_core::catalog::Catalog;
use cronbus_core::pool;
use cronbus_core::port::Store;
use cronbus_core::port::bus::Address;
use cronbus_core::port::membership;
use cronbus_core::port::membership::{Member, Role};

use super::lacking;
use super::settings::{Parts, Settings};
use crate::alerter::{self, Alerter};
use crate::bridge;
use crate::dispatcher::{self, Dispatcher};
use crate::executor::{self, Executor};
use crate::mailbox::{self, Mailbox};
use crate::monitor::{self, Monitor};
use crate::observe::Observer;
use crate::ports::Ports;
use crate::scheduler::{self, Scheduler};
use crate::supervise::{GaveUp, RestartPolicy, Supervised, Supervisor};

/// A node at work. Its surface is [`cronbus_core::port::Operations`]; when it is dropped, its actors end at once.
#[derive(Debug)]
pub struct Node {
    pub(super) member: Mutex<Member>,
    pub(super) ports: Ports,
    pub(super) settings: Settings,
    pub(super) observer: Observer,
    pub(super) scheduler: Option<Mailbox<Scheduler>>,
    pub(super) dispatcher: Option<Mailbox<Dispatcher>>,
    pub(super) executor: Option<Mailbox<Executor>>,
    pub(super) monitor: Option<Mailbox<Monitor>>,
    /// Nobody asks it anything but whether it lives; it ends with its mailbox.
    pub(super) alerter: Option<Mailbox<Alerter>>,
    pub(super) supervised: Mutex<Vec<Supervised>>,
    /// The executor's, which may outlive the others.
    pub(super) executing: Mutex<Option<Supervised>>,
    pub(super) submissions: AtomicU64,
    /// Whether another process is the node now.
    pub(super) is_passed_on: AtomicBool,
    bridges: Vec<tokio::task::AbortHandle>,
}

impl Node {
    /// Nothing reaches its actors from elsewhere any more.
    pub(super) fn cut_off(&self) {
        self.bridges.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.cut_off();
    }
}

/// The threads that a node's actors live on.
#[derive(Clone, Debug)]
pub struct Threads {
    /// For the scheduler, the dispatcher and the monitor.
    pub deciding: ArbiterHandle,
    /// For the executor, so that starting what is due does not wait for recording what has ended.
    pub executing: ArbiterHandle,
}

impl Threads {
    /// All actors on one thread.
    #[must_use]
    pub fn one(arbiter: ArbiterHandle) -> Self {
        Self { deciding: arbiter.clone(), executing: arbiter }
    }
}

/// Why a node could not be started.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The register of members refused it, or could not be reached.
    #[error(transparent)]
    Membership(#[from] membership::Error),
    /// A role needs what was not given.
    #[error(
        "node.roles: the role `{}` needs a database and this node was given none; set database.url, or let it only execute",
        role.as_str()
    )]
    NoStore {
        /// Which role.
        role: Role,
    },
}

/// Starts the actors of the member's roles and joins the members. Call it on the thread of an actix system or a tokio
/// `LocalSet`.
///
/// `on_give_up` is called when an actor crashed too often: the process should end then.
///
/// # Errors
/// When the register of members refuses this node, or one of its roles needs a store and there is none.
pub async fn start(
    parts: Parts,
    threads: Threads,
    on_give_up: impl Fn(&GaveUp) + Send + Sync + 'static,
) -> Result<Arc<Node>, Error> {
    let needs_store = |role: &&Role| **role != Role::Executor;
    if let (None, Some(role)) = (&parts.ports.store, parts.member.roles.iter().find(needs_store)) {
        return Err(Error::NoStore { role: *role });
    }
    let supervisor = Supervisor::new(threads.deciding, RestartPolicy::default(), on_give_up);
    let starting = Starting {
        executing: supervisor.on(threads.executing),
        supervisor,
        observer: Observer::default(),
        catalog: Arc::new(Catalog::default()),
        supervised: Vec::new(),
        supervised_executor: None,
        bridges: Vec::new(),
        parts,
    };
    starting.start().await
}

/// A node that is being put together.
struct Starting {
    parts: Parts,
    supervisor: Supervisor,
    /// The same for what lives on the executor's thread.
    executing: Supervisor,
    observer: Observer,
    catalog: Arc<Catalog>,
    supervised: Vec<Supervised>,
    supervised_executor: Option<Supervised>,
    bridges: Vec<tokio::task::AbortHandle>,
}

impl Starting {
    async fn start(mut self) -> Result<Arc<Node>, Error> {
        // The members first: whoever starts looks at them.
        self.parts.ports.membership.join(self.parts.member.clone()).await?;
        let executor = self.has(Role::Executor).then(|| self.start_executor());
        let dispatcher = self.store_for(Role::Dispatcher).map(|store| self.start_dispatcher(store));
        let scheduler = self.store_for(Role::Scheduler).map(|store| self.start_scheduler(store, dispatcher.clone()));
        let monitor = self.start_monitor(scheduler.clone(), dispatcher.clone());
        let alerter = self.start_alerter();
        self.follow_members(executor.clone(), dispatcher.clone());
        let telling = lacking::tell(self.parts.ports.membership.clone(), self.parts.ports.clock.clone());
        self.bridges.push(actix_rt::spawn(telling).abort_handle());
        Ok(Arc::new(Node {
            member: Mutex::new(self.parts.member),
            ports: self.parts.ports,
            settings: self.parts.settings,
            observer: self.observer,
            scheduler,
            dispatcher,
            executor,
            monitor: Some(monitor),
            alerter,
            supervised: Mutex::new(self.supervised),
            executing: Mutex::new(self.supervised_executor),
            submissions: AtomicU64::new(0),
            is_passed_on: AtomicBool::new(false),
            bridges: self.bridges,
        }))
    }

    fn has(&self, role: Role) -> bool {
        self.parts.member.has(role)
    }

    /// What the actor of a role reads and writes; `None` when this node does not play it.
    fn store_for(&self, role: Role) -> Option<Arc<dyn Store>> {
        self.parts.ports.store.clone().filter(|_| self.has(role))
    }

    fn start_executor(&mut self) -> Mailbox<Executor> {
        let (mailbox, inlet) = mailbox::open("executor", self.parts.settings.mailbox);
        self.observer.watch(&mailbox);
        let count = |name| self.observer.counter("executor", name);
        let figures = executor::Figures {
            executing: count("executing"),
            queued: count("queued"),
            started: count("started_total"),
            ended: count("ended_total"),
            unacknowledged: count("unacknowledged"),
            orphans: count("orphans_total"),
            overtime: count("overtime_total"),
            held: count("held"),
            spool_failures: count("spool_failures_total"),
        };
        let executing = self.parts.settings.executing;
        let member = &self.parts.member;
        let setup = executor::Setup {
            node: member.name.clone(),
            pool: pool::Settings {
                slots: usize::try_from(member.capacity).unwrap_or(usize::MAX),
                queue: executing.queue,
                life: member.started_at,
            },
            kill_grace: executing.kill_grace,
            output_limit: executing.output_limit,
            kill_orphans: executing.kill_orphans,
            ports: self.parts.ports.clone(),
            figures,
        };
        self.supervised_executor = Some(self.executing.start(inlet, move || Executor::new(setup.clone())));
        for at in [Address::Executor(member.name.clone()), Address::Control(member.name.clone())] {
            let bridge = bridge::to_executor(self.parts.ports.clone(), at, mailbox.clone());
            self.bridges.push(actix_rt::spawn(bridge).abort_handle());
        }
        mailbox
    }

    fn start_dispatcher(&mut self, store: Arc<dyn Store>) -> Mailbox<Dispatcher> {
        let (mailbox, inlet) = mailbox::open("dispatcher", self.parts.settings.mailbox);
        self.observer.watch(&mailbox);
        let count = |name| self.observer.counter("dispatcher", name);
        let figures = dispatcher::Figures {
            active: count("active"),
            out: count("out"),
            created: count("created_total"),
            existing: count("existing_total"),
            assigned: count("assigned_total"),
            succeeded: count("succeeded_total"),
            failed: count("failed_total"),
            answered: count("answered_total"),
            retried: count("retried_total"),
            rerouted: count("rerouted_total"),
            illegal: count("illegal_total"),
            recorded: count("recorded_total"),
            late_outcomes: count("late_outcomes_total"),
            unguarded: count("unguarded_batches_total"),
            fenced: count("fenced_total"),
            store_failures: count("store_failures_total"),
            store_away: count("store_away"),
        };
        let setup = dispatcher::Setup {
            settings: self.parts.settings.dispatch.clone(),
            life: self.parts.member.started_at,
            flush: self.parts.settings.flush,
            flush_rows: self.parts.settings.flush_rows,
            ports: self.parts.ports.clone(),
            store,
            catalog: Arc::clone(&self.catalog),
            figures,
        };
        self.supervised.push(self.supervisor.start(inlet, move || Dispatcher::new(setup.clone())));
        let name = self.parts.member.name.clone();
        let bridge = bridge::to_dispatcher(self.parts.ports.clone(), name, mailbox.clone());
        self.bridges.push(actix_rt::spawn(bridge).abort_handle());
        mailbox
    }

    fn start_scheduler(
        &mut self,
        store: Arc<dyn Store>,
        dispatcher: Option<Mailbox<Dispatcher>>,
    ) -> Mailbox<Scheduler> {
        let (mailbox, inlet) = mailbox::open("scheduler", self.parts.settings.mailbox);
        self.observer.watch(&mailbox);
        let count = |name| self.observer.counter("scheduler", name);
        let figures = scheduler::Figures {
            jobs: count("jobs"),
            partitions: count("partitions"),
            batches: count("batches_total"),
            slots: count("slots_total"),
            caught_up: count("caught_up_total"),
            fenced: count("fenced_total"),
            batches_out: count("batches_out"),
        };
        let setup = scheduler::Setup {
            node: self.parts.member.name.clone(),
            life: self.parts.member.started_at,
            settings: self.parts.settings.planner,
            ports: self.parts.ports.clone(),
            store,
            catalog: Arc::clone(&self.catalog),
            dispatcher,
            figures,
        };
        self.supervised.push(self.supervisor.start(inlet, move || Scheduler::new(setup.clone())));
        let name = self.parts.member.name.clone();
        let bridge = bridge::to_scheduler(self.parts.ports.clone(), name, mailbox.clone());
        self.bridges.push(actix_rt::spawn(bridge).abort_handle());
        mailbox
    }

    fn start_monitor(
        &mut self,
        scheduler: Option<Mailbox<Scheduler>>,
        dispatcher: Option<Mailbox<Dispatcher>>,
    ) -> Mailbox<Monitor> {
        let (mailbox, inlet) = mailbox::open("monitor", self.parts.settings.mailbox);
        self.observer.watch(&mailbox);
        let count = |name| self.observer.counter("monitor", name);
        let figures = monitor::Figures {
            jobs: count("jobs"),
            changes: count("changes_total"),
            feed_failures: count("feed_failures_total"),
            clock_jumps: count("clock_jumps_total"),
            clock_jump_ms: count("clock_jump_last_ms"),
            pruned_runs: count("pruned_runs_total"),
            pruned_revisions: count("pruned_revisions_total"),
            pruned_jobs: count("pruned_jobs_total"),
            pruned_logs: count("pruned_logs_total"),
        };
        let setup = monitor::Setup {
            ports: self.parts.ports.clone(),
            feed: self.parts.ports.store.clone(),
            history: self.store_for(Role::Monitor),
            catalog: Arc::clone(&self.catalog),
            refresh: self.parts.settings.refresh,
            retention: self.parts.settings.retention,
            scheduler,
            dispatcher,
            figures,
        };
        self.supervised.push(self.supervisor.start(inlet, move || Monitor::new(setup.clone())));
        mailbox
    }

    /// Every node with a store tells of itself; a monitor may come to tell people.
    fn start_alerter(&mut self) -> Option<Mailbox<Alerter>> {
        let store = self.parts.ports.store.clone()?;
        let (mailbox, inlet) = mailbox::open::<Alerter>("alerter", self.parts.settings.mailbox);
        self.observer.watch(&mailbox);
        let count = |name| self.observer.counter("alerter", name);
        let figures = alerter::Figures {
            leads: count("leads"),
            events: count("events_total"),
            incidents: count("incidents"),
            held: count("held"),
            backlog_age_ms: count("backlog_age_ms"),
            store_failures: count("store_failures_total"),
            observer: self.observer.clone(),
        };
        let setup = alerter::Setup {
            node: self.parts.member.name.clone(),
            may_lead: self.has(Role::Monitor),
            ports: self.parts.ports.clone(),
            store,
            catalog: Arc::clone(&self.catalog),
            rules: Arc::clone(&self.parts.settings.dispatch.rules),
            settings: self.parts.settings.alerting.clone(),
            figures,
        };
        self.supervised.push(self.supervisor.start(inlet, move || Alerter::new(setup.clone())));
        Some(mailbox)
    }

    /// The scheduler follows the members itself.
    fn follow_members(&mut self, executor: Option<Mailbox<Executor>>, dispatcher: Option<Mailbox<Dispatcher>>) {
        let membership = Arc::clone(&self.parts.ports.membership);
        let follow = async move {
            let mut revision = membership.snapshot().revision;
            loop {
                let snapshot = membership.changed(revision).await;
                revision = snapshot.revision;
                if let Some(dispatcher) = &dispatcher
                    && dispatcher.tell(dispatcher::MembersChanged(snapshot.clone())).await.is_err()
                {
                    return;
                }
                if let Some(executor) = &executor
                    && executor.tell(executor::MembersChanged(snapshot)).await.is_err()
                {
                    return;
                }
            }
        };
        self.bridges.push(actix_rt::spawn(follow).abort_handle());
    }
}
