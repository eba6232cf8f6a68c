//! Bringing a node up, step by step: what fails fails here, before anybody relies on it.

use std::path::PathBuf;
use std::sync::Arc;

use actix_rt::Arbiter;
use anyhow::{Context, Result, bail};
use cronbus_actors::node::{self, Parts, Threads};
use cronbus_core::config::{Config, Loaded};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::membership::Member;
use cronbus_core::port::{Clock, Operations, Store};
use tokio::sync::mpsc;

use super::directory::DataDirectory;
use super::doors::Doors;
use super::options::Options;
use super::parts::{Local, Premises, Services};
use super::succession::{Began, Estate, Predecessor, Sockets};
use super::working::Working;
use super::{drained, entrance, limits, member, parts, waiting};
use crate::signal::{self, Signals};
use crate::telemetry::Level;
use crate::web::oidc::Provider;
use crate::{configuration, executable, telemetry};

/// Runs a node until a signal ends it, or it goes on in another process.
///
/// # Errors
/// When something that the node needs cannot be had, or an actor crashed too often.
pub(crate) fn run(options: Options) -> Result<()> {
    // Before anybody can know that this is a node.
    signal::postpone().context("signals could not be postponed")?;
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
    /// Where people sign in, if elsewhere.
    provider: Option<Provider>,
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
        let provider = if doors.web.is_some() { Provider::new(config)? } else { None };
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
        Ok(Some(Self { executable, options, loaded, level, directory, member, local, store, clock, doors, provider }))
    }

    async fn live(self, predecessor: Option<Predecessor>) -> Result<()> {
        // Before anything runs: a signal that comes now is answered later, not lost.
        let mut signals = Signals::listen().context("signals could not be listened to")?;
        let services = Services::connect(&self.premises()).await;
        if let (Err(error), Some(predecessor)) = (&services, &predecessor) {
            predecessor.give_up(error);
        }
        let services = services?;
        let began = match predecessor {
            Some(predecessor) => Some(predecessor.ready().await?),
            None => None,
        };
        match self.begin(services, began, &mut signals).await? {
            Some(working) => working.live(signals).await,
            None => Ok(()),
        }
    }

    fn premises(&self) -> Premises<'_> {
        let Self { loaded, directory, member, clock, .. } = self;
        Premises { config: &loaded.config, directory: directory.path(), member, clock }
    }

    /// From here on this process is the node. `None` when a signal ended it.
    async fn begin(
        mut self,
        services: Services,
        mut began: Option<Began>,
        signals: &mut Signals,
    ) -> Result<Option<Working>> {
        self.directory.sign()?;
        // It may have been drained meanwhile.
        self.member.state = drained::kept(self.directory.path());
        let (ports, connected) = services.into_ports(&self.premises(), self.local.clone(), self.store.clone()).await?;
        if let Some(began) = &mut began {
            began.inherit(&connected.staying);
        }
        let Self { executable, options, loaded, level, directory, member, clock, doors, provider, .. } = self;
        if !entrance::enter(&*ports.membership, &member, &*clock, &doors.receptions(), signals).await? {
            return Ok(None);
        }
        let parts =
            Parts { settings: parts::settings(&loaded.config, &member), member: member.clone(), ports: ports.clone() };
        let (crashed, crashes) = mpsc::unbounded_channel();
        let threads = Threads { deciding: Arbiter::current(), executing: Arbiter::new().handle() };
        let give_up = move |gave_up: &cronbus_actors::supervise::GaveUp| drop(crashed.send(gave_up.to_string()));
        let operations: Arc<dyn Operations> = node::start(parts, threads, give_up).await?;
        Ok(Some(Working {
            executable,
            options,
            loaded,
            level,
            directory,
            member,
            doors,
            provider,
            ports,
            connected,
            operations,
            crashes,
            began,
        }))
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
