//! Bringing a node up, step by step, and down again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::Arbiter;
use anyhow::{Context, Result, bail};
use cronbus_actors::node::{self, Parts, Threads};
use cronbus_core::alert::Rules;
use cronbus_core::config::{Config, Loaded};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::membership::Member;
use cronbus_core::port::{Clock, Operations, Store};
use cronbus_core::time::Timestamp;
use futures::future::join_all;
use tokio::sync::mpsc;

use super::directory::DataDirectory;
use super::doors::{Answering, Doors};
use super::life::Life;
use super::options::Options;
use super::parts::{Connected, Local, Premises, Reach, Services};
use super::profile::Profile;
use super::reporting::Reporting;
use super::succession::{Estate, Passing, Predecessor, Sockets};
use super::{clients, drained, entrance, limits, load, member, parts, waiting};
use crate::node_file;
use crate::signal::Signals;
use crate::telemetry::Level;
use crate::web::accounts::set_up;
use crate::web::admin::desk::Desk;
use crate::web::leaving::Leaving;
use crate::web::oidc::Provider;
use crate::web::probes::Probed;
use crate::web::session::{Limits, Sessions};
use crate::web::site::Site;
use crate::{configuration, executable, telemetry};

/// How long a node that goes on in this process may take to be as ready as it was in the former: nobody is answered
/// meanwhile, and nobody refused.
const SETTLING: Duration = Duration::from_secs(2);

/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a node until a signal ends it, or it goes on in another process.
///
/// # Errors
/// When something that the node needs cannot be had, or an actor crashed too often.
pub(crate) fn run(options: Options) -> Result<()> {
    // Asked first: the file may be replaced as soon as the node runs.
    let executable = executable::path()?;
    let predecessor = Predecessor::of_environment()?;
    let prepared = Starting::prepare(options, executable, predecessor.as_ref());
    if let (Err(error), Some(predecessor)) = (&prepared, &predecessor) {
        predecessor.give_up(error);
    }
    let Some(starting) = prepared? else { return Ok(()) };
    // The store's connections were opened outside of any runtime and may not be closed inside of one.
    let _store = starting.store.clone();
    actix_rt::System::new().block_on(starting.live(predecessor))
}

/// A node that has everything it needs on this machine.
struct Starting {
    executable: PathBuf,
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
    /// What has to be done outside of any runtime. `None` when a signal ended it.
    fn prepare(options: Options, executable: PathBuf, predecessor: Option<&Predecessor>) -> Result<Option<Self>> {
        let loaded = configuration::load(options.config.as_deref(), options.flags())?;
        let level = telemetry::start(&loaded.config.log)?;
        configuration::remarks(&loaded).iter().for_each(|remark| tracing::warn!("{remark}"));
        limits::raise_open_files();
        let config = &loaded.config;
        let estate = predecessor.map(Predecessor::greet).transpose()?;
        let former_name = estate.as_ref().map(|estate| estate.node.clone());
        let (directory, opened) = ground(config, estate)?;
        let doors = Doors::open(config, opened)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start().context("the clock could not be started")?);
        let member = member::member(config, &doors, clock.now(), drained::kept(directory.path()))?;
        if let Some(former) = former_name.as_ref().filter(|former| **former != member.name) {
            bail!(
                "node.name: the node is `{former}` and the configuration says `{}` now; that needs a restart",
                member.name
            );
        }
        let local = parts::open_local(config, &loaded.provenance, directory.path(), &clock)?;
        let store = if !config.reads_database() {
            None
        } else if former_name.is_some() {
            // Whoever is the node as yet has no use for one that waits.
            Some(parts::open_store(config).context("database.url: the database cannot be used")?)
        } else {
            let Some(store) = waiting::open_store(config, &doors.receptions())? else { return Ok(None) };
            Some(store)
        };
        Ok(Some(Self { executable, options, loaded, level, directory, member, local, store, clock, doors }))
    }

    async fn live(self, predecessor: Option<Predecessor>) -> Result<()> {
        // Before anything runs: a signal that comes now is answered later, not lost.
        let mut signals = Signals::listen().context("signals could not be listened to")?;
        let Self { executable, options, loaded, level, mut directory, mut member, local, store, clock, doors } = self;
        let premises = Premises { config: &loaded.config, directory: directory.path(), member: &member, clock: &clock };
        let services = Services::connect(&premises).await;
        if let (Err(error), Some(predecessor)) = (&services, &predecessor) {
            predecessor.give_up(error);
        }
        let services = services?;
        let mut began = match predecessor {
            Some(predecessor) => Some(predecessor.ready().await?),
            None => None,
        };
        directory.sign()?;
        // It may have been drained meanwhile.
        member.state = drained::kept(directory.path());
        let premises = Premises { config: &loaded.config, directory: directory.path(), member: &member, clock: &clock };
        let (ports, connected) = services.into_ports(&premises, local, store).await?;
        let Connected { reach, logs, notifier, safe, staying } = connected;
        if let Some(began) = &mut began {
            began.inherit(&staying);
        }
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
        let leaving = Leaving::default();
        let probed = |token| Probed { operations: operations.clone(), token, leaving: leaving.clone() };
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
                    .left_by(leaving.clone())
            }
        });
        let estate = Estate {
            node: member.name.clone(),
            directory: directory.path().to_owned(),
            lock: directory.lock_again()?,
            sockets: doors.sockets(&loaded.config)?,
        };
        let answering = Answering { set_up, max_body };
        if began.is_some() {
            staying.until_taken_up(SETTLING).await;
            until_ready(&*operations).await;
        }
        let servers = doors.answer(&member, directory.path(), probed, site, answering)?;
        let has_succeeded = began.is_some();
        if let Some(began) = began {
            began.up().await;
        }
        let Loaded { config, provenance, .. } = loaded;
        let reporting = Reporting::begin(&operations, has_succeeded);
        let passing = Passing {
            executable,
            estate,
            staying,
            limit: config.node.upgrade_timeout.duration(),
            servers: servers.clone(),
            leaving,
            bus: reach.nats(),
        };
        let passing = Some(passing);
        let life = Life { operations, options, config, provenance, profile, level, reporting, crashes, passing };
        let ended = life.live(&mut signals).await;
        noting.abort();
        let last_answers = join_all(servers.iter().map(|server| server.stop(true)));
        if let Ok(Some(passed)) = ended {
            futures::join!(last_answers, passed.attend(&mut signals));
            return Ok(());
        }
        logs.settle().await;
        node_file::remove(directory.path());
        last_answers.await;
        ended.map(drop)
    }
}

/// The data directory, and the sockets that are open already: what a predecessor had, or for this process alone.
fn ground(config: &Config, estate: Option<Estate>) -> Result<(DataDirectory, Sockets)> {
    let Some(estate) = estate else { return Ok((DataDirectory::lock(&config.node.data_dir)?, Sockets::default())) };
    let (node, directory) = (estate.node.clone(), estate.directory.clone());
    let (sockets, lock) = estate.into_parts();
    let found = DataDirectory::inherited(&config.node.data_dir, lock)?;
    if found.path() != directory {
        bail!(
            "node.data_dir: `{node}` lives in {} and the configuration says {} now; that needs a restart",
            directory.display(),
            found.path().display()
        );
    }
    Ok((found, sockets))
}

async fn until_ready(operations: &dyn Operations) {
    let ready = async {
        while !operations.health().await.ready {
            tokio::time::sleep(LOOK).await;
        }
    };
    drop(tokio::time::timeout(SETTLING, ready).await);
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
