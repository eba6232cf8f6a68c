//! Bringing a node up, step by step, and down again.

use std::path::PathBuf;
use std::sync::Arc;

use actix_rt::Arbiter;
use actix_web::dev::ServerHandle;
use anyhow::{Context, Result};
use cronbus_actors::node::{self, Parts, Threads};
use cronbus_core::config::Loaded;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::membership::{Member, Role};
use cronbus_core::port::{Clock, Operations, Store};
use tokio::sync::mpsc;

use super::directory::DataDirectory;
use super::life::Life;
use super::options::Options;
use super::parts::{Connected, Local, Premises, Reach};
use super::profile::Profile;
use super::waiting::Reception;
use super::{clients, drained, entrance, greeting, limits, load, member, parts, waiting};
use crate::node_file::{self, NodeFile};
use crate::signal::Signals;
use crate::telemetry::Level;
use crate::token::{self, Token};
use crate::web::server::{self, Listening};
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
    let web = config.node.roles.contains(&Role::Web).then(|| Door::open(&loaded)).transpose()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start().context("the clock could not be started")?);
    let address = web.as_ref().map_or_else(String::new, |door| door.listening.address.to_string());
    let member = member::member(config, &address, clock.now(), drained::kept(directory.path()))?;
    let local = parts::open_local(config, directory.path(), &clock)?;
    let store = if config.reads_database() {
        let Some(store) = waiting::open_store(config, web.as_ref().map(Door::reception))? else { return Ok(()) };
        Some(store)
    } else {
        None
    };
    // The store's connections were opened outside of any runtime and may not be closed inside of one.
    let _store = store.clone();
    let starting = Starting { options, loaded, level, directory, member, local, store, clock, web };
    actix_rt::System::new().block_on(starting.live())
}

/// Where the web is asked, and what it asks for.
#[derive(Debug)]
struct Door {
    listening: Listening,
    token: Token,
    token_file: PathBuf,
}

impl Door {
    fn open(loaded: &Loaded) -> Result<Self> {
        let token_file = loaded.config.token_path();
        let token = token::ensure(&token_file)?;
        let token_file = token_file.canonicalize().unwrap_or(token_file);
        let listen = &loaded.config.web.listen;
        let listening = server::listen(listen)
            .with_context(|| format!("web.listen: the node cannot listen at {listen}; choose another with --listen"))?;
        Ok(Self { listening, token, token_file })
    }

    fn reception(&self) -> Reception<'_> {
        Reception { listening: &self.listening, token: &self.token }
    }
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
    web: Option<Door>,
}

impl Starting {
    async fn live(self) -> Result<()> {
        // Before anything runs: a signal that comes now is answered later, not lost.
        let mut signals = Signals::listen().context("signals could not be listened to")?;
        let Self { options, loaded, level, directory, member, local, store, clock, web } = self;
        let premises = Premises { config: &loaded.config, directory: directory.path(), member: &member, clock: &clock };
        let (ports, Connected { reach, logs }) = parts::connect(&premises, local, store).await?;
        if !entrance::enter(&*ports.membership, &member, &*clock, &mut signals).await? {
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
        let server = match web.zip(ports.store) {
            Some((door, store)) => {
                let configurations = profile.clone();
                let site = |token| Site::new(operations.clone(), store, ports.log, configurations, ports.clock, token);
                Some(open_web(door, site, max_body, &member, &directory)?)
            }
            None => {
                greeting::greet(&member, None, directory.path(), &PathBuf::new());
                None
            }
        };
        let Loaded { config, provenance, .. } = loaded;
        let life = Life { operations, options, config, provenance, profile, level, crashes };
        let ended = life.live(signals).await;
        logs.settle().await;
        noting.abort();
        node_file::remove(directory.path());
        if let Some(server) = server {
            server.stop(true).await;
        }
        ended
    }
}

/// Answers the web from now on, and says where.
fn open_web(
    door: Door,
    site: impl FnOnce(Token) -> Site,
    max_body: usize,
    member: &Member,
    directory: &DataDirectory,
) -> Result<ServerHandle> {
    let Door { listening, token, token_file } = door;
    let url = format!("http://{}", listening.address);
    let (server, handle) = server::serve(listening, site(token), max_body).context("the web could not be started")?;
    actix_rt::spawn(server);
    let file =
        NodeFile { name: member.name.clone(), address: url.clone(), pid: member.pid, version: member.version.clone() };
    node_file::write(directory.path(), &file).context("node.json could not be written to the data directory")?;
    greeting::greet(member, Some(&url), directory.path(), &token_file);
    Ok(handle)
}
