//! Bringing a node up, step by step, and down again.

use std::sync::Arc;

use actix_rt::Arbiter;
use anyhow::{Context, Result};
use cronbus_actors::node::{self, Parts, Threads};
use cronbus_core::alert::Rules;
use cronbus_core::config::Loaded;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::membership::Member;
use cronbus_core::port::{Clock, Operations, Store};
use cronbus_core::time::Timestamp;
use tokio::sync::mpsc;

use super::directory::DataDirectory;
use super::doors::{Answering, Doors};
use super::life::Life;
use super::options::Options;
use super::parts::{Connected, Local, Premises, Reach};
use super::profile::Profile;
use super::reporting::Reporting;
use super::{clients, drained, entrance, limits, load, member, parts, waiting};
use crate::node_file;
use crate::signal::Signals;
use crate::telemetry::Level;
use crate::web::accounts::set_up;
use crate::web::admin::desk::Desk;
use crate::web::oidc::Provider;
use crate::web::probes::Probed;
use crate::web::session::{Limits, Sessions};
use crate::web::site::Site;
use crate::{configuration, telemetry};

/// Runs a node until a signal ends it.
///
/// # Errors
/// When something that the node needs cannot be had, or an actor crashed too often.
pub(crate) fn run(options: Options) -> Result<()> {
    let loaded = configuration::load(options.config.as_deref(), options.flags())?;
    let level = telemetry::start(&loaded.config.log)?;
    configuration::remarks(&loaded).iter().for_each(|remark| tracing::warn!("{remark}"));
    limits::raise_open_files();
    let config = &loaded.config;
    let directory = DataDirectory::lock(&config.node.data_dir)?;
    let doors = Doors::open(config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start().context("the clock could not be started")?);
    let member = member::member(config, &doors, clock.now(), drained::kept(directory.path()))?;
    let local = parts::open_local(config, &loaded.provenance, directory.path(), &clock)?;
    let store = if config.reads_database() {
        let Some(store) = waiting::open_store(config, &doors.receptions())? else { return Ok(()) };
        Some(store)
    } else {
        None
    };
    // The store's connections were opened outside of any runtime and may not be closed inside of one.
    let _store = store.clone();
    let starting = Starting { options, loaded, level, directory, member, local, store, clock, doors };
    actix_rt::System::new().block_on(starting.live())
}

/// A node that has everything it needs.
struct Starting {
    options: Options,
    loaded: Loaded,
    level: Level,
    directory: DataDirectory,
    member: Member,
    local: Local,
    /// `None`: a node that only executes asks no database.
    store: Option<Arc<dyn Store>>,
    clock: Arc<dyn Clock>,
    doors: Doors,
}

impl Starting {
    async fn live(self) -> Result<()> {
        // Before anything runs: a signal that comes now is answered later, not lost.
        let mut signals = Signals::listen().context("signals could not be listened to")?;
        let Self { options, loaded, level, directory, member, local, store, clock, doors } = self;
        let premises = Premises { config: &loaded.config, directory: directory.path(), member: &member, clock: &clock };
        let (ports, Connected { reach, logs, notifier, safe }) = parts::connect(&premises, local, store).await?;
        if !entrance::enter(&*ports.membership, &member, &*clock, &doors.receptions(), &mut signals).await? {
            return Ok(());
        }
        let settings = parts::settings(&loaded.config, &member);
        let parts = Parts { settings, member: member.clone(), ports: ports.clone() };
        let (crashed, crashes) = mpsc::unbounded_channel();
        let threads = Threads { deciding: Arbiter::current(), executing: Arbiter::new().handle() };
        let give_up = move |gave_up: &cronbus_actors::supervise::GaveUp| drop(crashed.send(gave_up.to_string()));
        let operations: Arc<dyn Operations> = node::start(parts, threads, give_up).await?;
        let noting = drained::note(ports.membership.clone(), member.name.clone(), directory.path().to_owned());
        let noting = actix_rt::spawn(noting);
        if let Some(path) = &options.load {
            let store = ports.store.as_ref().context("--load: this node has no database to load jobs into")?;
            load::load(path, &**store, &*operations, ports.clock.now()).await?;
        }
        let profile = Arc::new(Profile::new(member.name.clone(), &loaded.provenance, &reach));
        if let Reach::Nats(bus) = &reach {
            clients::serve(bus, &loaded.config, &operations, &ports);
            Arc::clone(&profile).answer(bus);
        }
        let max_body = loaded.config.web.max_body.as_usize();
        let configurations = profile.clone();
        let probed = |token| Probed { operations: operations.clone(), token };
        let provider = if doors.web.is_some() { Provider::new(&loaded.config)? } else { None };
        let desk = desk(&loaded).with_provider(provider);
        let set_up = match (&ports.store, doors.web.is_some()) {
            (Some(store), true) => set_up_link(&**store, ports.clock.now()).await,
            _ => None,
        };
        let site = ports.store.map(|store| {
            |token| {
                Site::new(operations.clone(), store, ports.log, configurations, notifier, ports.clock, token)
                    .with(desk)
                    .opening(safe)
            }
        });
        let answering = Answering { set_up, max_body };
        let servers = doors.answer(&member, directory.path(), probed, site, answering)?;
        let Loaded { config, provenance, .. } = loaded;
        let reporting = Reporting::begin(&operations);
        let life = Life { operations, options, config, provenance, profile, level, reporting, crashes };
        let ended = life.live(signals).await;
        logs.settle().await;
        noting.abort();
        node_file::remove(directory.path());
        for server in servers {
            server.stop(true).await;
        }
        ended
    }
}

/// The path of a set-up link, as long as there is no user.
async fn set_up_link(store: &dyn Store, now: Timestamp) -> Option<String> {
    match set_up::offer(store, now).await {
        Ok(secret) => secret.map(|secret| set_up::path(&secret)),
        Err(error) => {
            tracing::warn!(%error, "there is no set-up link: `cronbus account setup-link` makes one");
            None
        }
    }
}

/// What the web admin keeps between requests.
fn desk(loaded: &Loaded) -> Desk {
    let web = &loaded.config.web;
    let limits = Limits { idle: web.session_idle.duration(), longest: web.session_longest.duration() };
    let late_after = loaded.config.monitor.late_after.duration();
    let rules = Arc::new(Rules::new(loaded.config.alerts.rule.clone()));
    Desk::new(Sessions::new(limits), late_after, rules)
}
