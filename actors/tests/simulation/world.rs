//! What all nodes of a simulated world share: time, the store, the bus, the register, the processes, and chance.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use cronbus_actors::node::Node;
use cronbus_core::id::NodeName;
use cronbus_core::local::bus::LocalBus;
use cronbus_core::local::clock::VirtualClock;
use cronbus_core::local::guard::LocalGuard;
use cronbus_core::local::membership::{Register, SharedMembership};
use cronbus_core::port::Clock;
use cronbus_core::port::membership::Role;
use cronbus_core::time::Timestamp;

use crate::chance::Chance;
use crate::history::{Event, History};
use crate::ledger::{Ledger, Sabotage};
use crate::life::Life;
use crate::plan::{Fault, Plan};
use crate::ports::diary::Diary;
use crate::processes::Processes;

/// When every world begins: ten seconds before a minute, so that rules by the minute fire soon.
pub(crate) const BEGINNING: Timestamp = Timestamp::from_seconds(1_795_348_790);

/// How long a node that is cut off stays registered.
const LEASE: Duration = Duration::from_secs(4);

/// A node over all its lives: what outlives a crash, and the life of the moment.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: NodeName,
    pub(crate) roles: Vec<Role>,
    pub(crate) clock: VirtualClock,
    pub(crate) diary: Arc<Diary>,
    pub(crate) now: Mutex<Option<Present>>,
}

/// The life of the moment.
#[derive(Clone, Debug)]
pub(crate) struct Present {
    pub(crate) life: Arc<Life>,
    /// The connection to the shared register; a sole node has none.
    pub(crate) lease: Option<Arc<SharedMembership>>,
    /// There once its actors are.
    pub(crate) node: Option<Arc<Node>>,
}

impl Host {
    pub(crate) fn present(&self) -> Option<Present> {
        self.now.lock().unwrap().clone()
    }

    /// How far its wall clock is ahead of the true time.
    pub(crate) fn ahead_ms(&self, world: &World) -> i64 {
        self.clock.now().millis_since(world.clock.now())
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) chance: Chance,
    /// The true time.
    pub(crate) clock: VirtualClock,
    pub(crate) history: History,
    pub(crate) ledger: Ledger,
    pub(crate) bus: LocalBus,
    pub(crate) register: Arc<Register>,
    guard: Mutex<Arc<LocalGuard>>,
    pub(crate) processes: Processes,
    pub(crate) hosts: Vec<Arc<Host>>,
    away: Mutex<BTreeMap<&'static str, Duration>>,
    calm: AtomicBool,
}

impl World {
    pub(crate) fn new(plan: Plan, sabotage: Option<Sabotage>) -> Arc<Self> {
        let clock = VirtualClock::new(BEGINNING);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let hosts = plan.roles.iter().enumerate();
        let hosts = hosts.map(|(index, roles)| Arc::new(Host::new(index, roles, &clock, sabotage))).collect();
        Arc::new(Self {
            chance: Chance::new(plan.seed).branch(2),
            history: History::default(),
            ledger: Ledger::new(sabotage, Chance::new(plan.seed).branch(3)),
            bus: LocalBus::with_capacity(1 << 20),
            register: Register::new(Arc::clone(&shared), LEASE),
            guard: Mutex::new(Arc::new(LocalGuard::new(shared))),
            processes: Processes::default(),
            hosts,
            away: Mutex::default(),
            calm: AtomicBool::new(false),
            clock,
            plan,
        })
    }

    /// The time since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.monotonic()
    }

    /// The end of all disturbances, and of all slots.
    pub(crate) fn horizon(&self) -> Timestamp {
        BEGINNING + self.plan.horizon
    }

    pub(crate) fn note(&self, event: Event) {
        self.history.push(self.elapsed(), event);
    }

    /// Whether this goes wrong now.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let strikes = !self.is_calm() && self.chance.happens(self.plan.rates[fault as usize]);
        if strikes {
            self.note(Event::Struck { fault: fault.name() });
        }
        strikes
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Relaxed)
    }

    /// Ends all disturbances: what is broken is mended, and nothing breaks any more.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Relaxed);
        self.away().clear();
        for host in &self.hosts {
            host.clock.jump(-host.ahead_ms(self));
            if let Some(present) = host.present() {
                present.life.spare();
                present.life.resume();
                if let Some(lease) = present.lease {
                    lease.reconnect();
                }
            }
        }
    }

    /// Something that all nodes share does not answer for a while.
    pub(crate) fn send_away(&self, what: &'static str, period: Duration) {
        self.note(Event::Struck { fault: "outages" });
        let back = self.elapsed() + period;
        self.away().insert(what, back);
    }

    pub(crate) fn is_away(&self, what: &'static str) -> bool {
        self.away().get(what).is_some_and(|back| self.elapsed() < *back)
    }

    fn away(&self) -> MutexGuard<'_, BTreeMap<&'static str, Duration>> {
        self.away.lock().unwrap()
    }

    pub(crate) fn guard(&self) -> Arc<LocalGuard> {
        Arc::clone(&self.guard.lock().unwrap())
    }

    /// The guard forgets everything.
    pub(crate) fn flush_guard(&self) {
        self.note(Event::Struck { fault: "guard flushes" });
        *self.guard.lock().unwrap() = Arc::new(LocalGuard::new(Arc::new(self.clock.clone())));
    }
}

impl Host {
    fn new(index: usize, roles: &[Role], clock: &VirtualClock, sabotage: Option<Sabotage>) -> Self {
        Self {
            name: NodeName::new(["ada", "bob", "cyd", "dan", "eve", "fay", "gus"][index]).unwrap(),
            roles: roles.to_vec(),
            clock: clock.view(),
            diary: Arc::new(Diary::new(sabotage)),
            now: Mutex::default(),
        }
    }
}
