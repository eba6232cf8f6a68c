//! A node as the executable puts it together for one machine, in a temporary folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::Arbiter;
use cronbus_actors::Ports;
use cronbus_actors::node::{Node, Parts, Settings, Threads};
use cronbus_adapters::log::FileLog;
use cronbus_adapters::runner::{self, LocalRunner};
use cronbus_adapters::spool::FileSpool;
use cronbus_core::id::NodeName;
use cronbus_core::job::{Command, Definition, JobName, Overlap};
use cronbus_core::local::bus::LocalBus;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::local::guard::LocalGuard;
use cronbus_core::local::membership::LocalMembership;
use cronbus_core::port::membership::{Availability, Member, Role};
use cronbus_core::port::notifier::Silent;
use cronbus_core::port::store::Write;
use cronbus_core::port::{Clock, Store};
use cronbus_core::time::Timestamp;

/// The ports of one machine around `store`, with everything else in `folder`.
pub(crate) fn ports(folder: &Path, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> anyhow::Result<Ports> {
    ports_with(folder, store, clock, None)
}

/// The same, with runs under shims.
pub(crate) fn ports_with(
    folder: &Path,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    shims: Option<runner::ShimSettings>,
) -> anyhow::Result<Ports> {
    let settings = runner::Settings {
        shell: "/bin/sh".to_owned(),
        path: "/usr/bin:/bin".to_owned(),
        executable: std::env::current_exe()?,
        clock: Arc::clone(&clock),
        shims,
    };
    Ok(Ports {
        guard: Arc::new(LocalGuard::new(Arc::clone(&clock))),
        clock,
        store: Some(store),
        bus: Arc::new(LocalBus::default()),
        membership: Arc::new(LocalMembership::default()),
        log: Arc::new(FileLog::open(&folder.join("log"))?),
        notifier: Arc::new(Silent),
        runner: Arc::new(LocalRunner::new(&settings)?),
        spool: Arc::new(FileSpool::open(&folder.join("spool"))?),
    })
}

/// The clock of this machine.
pub(crate) fn clock() -> anyhow::Result<Arc<dyn Clock>> {
    Ok(Arc::new(SystemClock::start()?))
}

/// Starts a node with all roles on the calling thread.
pub(crate) async fn start(ports: Ports, slots: u32, lookahead: Duration) -> anyhow::Result<Arc<Node>> {
    let member = Member {
        name: NodeName::new("bench")?,
        address: String::new(),
        health_address: String::new(),
        roles: Role::ALL.to_vec(),
        groups: Vec::new(),
        labels: std::collections::BTreeMap::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        capacity: slots,
        state: Availability::Active,
        started_at: ports.clock.now(),
        waits_for_leave: true,
        leased_at: None,
    };
    let mut settings = Settings::sole(&member);
    settings.executing.queue = 4_000_000;
    settings.planner.lookahead = lookahead;
    settings.flush = Duration::from_millis(20);
    let parts = Parts { member, ports, settings };
    let gave_up = |gave_up: &cronbus_actors::supervise::GaveUp| crate::report::say(&gave_up.to_string());
    let threads = Threads { deciding: Arbiter::current(), executing: Arbiter::new().handle() };
    Ok(cronbus_actors::node::start(parts, threads, gave_up).await?)
}

/// A no-op job that may overlap with itself, and that is due no more from `until` on.
pub(crate) fn noop(name: &str, schedule: &str, until: Option<Timestamp>) -> anyhow::Result<Write> {
    let mut definition = Definition::new(JobName::new(name)?, Command::Noop);
    definition.schedule = Some(schedule.to_owned());
    definition.overlap = Overlap::Allow;
    definition.valid_until = until;
    Ok(Write::Add(Arc::new(definition)))
}

/// Adds jobs in transactions of ten thousand, all as if at `at`.
pub(crate) async fn add(store: &dyn Store, jobs: &[Write], at: Timestamp) -> anyhow::Result<()> {
    for part in jobs.chunks(10_000) {
        store.write_jobs(part, "bench", at).await?;
    }
    Ok(())
}

/// Runs `work` on an actix system of its own.
pub(crate) fn on_a_system<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    actix_rt::System::new().block_on(work)
}
