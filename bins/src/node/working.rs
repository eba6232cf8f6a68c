//! A node whose actors are at work: it is asked, it lives, and it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::{Context, Result};
use cronbus_actors::Ports;
use cronbus_core::alert::Rules;
use cronbus_core::config::Loaded;
use cronbus_core::port::membership::Member;
use cronbus_core::port::{Operations, Store};
use cronbus_core::time::Timestamp;
use futures::future::join_all;
use tokio::sync::mpsc::UnboundedReceiver;

use super::directory::DataDirectory;
use super::doors::{Answering, Doors};
use super::life::Life;
use super::options::Options;
use super::parts::{Connected, Reach};
use super::profile::Profile;
use super::reporting::Reporting;
use super::succession::{Began, Estate, Passing};
use super::{clients, drained, load};
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

/// How long a node that goes on in this process may take to be as ready as it was in the former: nobody is answered
/// meanwhile, and nobody refused.
const SETTLING: Duration = Duration::from_secs(2);

/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(5);

/// See the [module](self).
pub(super) struct Working {
    /// The file that this process was started from.
    pub(super) executable: PathBuf,
    pub(super) options: Options,
    pub(super) loaded: Loaded,
    pub(super) level: Level,
    pub(super) directory: DataDirectory,
    pub(super) member: Member,
    pub(super) doors: Doors,
    /// Where people sign in, if elsewhere.
    pub(super) provider: Option<Provider>,
    pub(super) ports: Ports,
    pub(super) connected: Connected,
    pub(super) operations: Arc<dyn Operations>,
    /// Tells of actors that crashed too often.
    pub(super) crashes: UnboundedReceiver<String>,
    /// The process that was the node before, if another was.
    pub(super) began: Option<Began>,
}

impl Working {
    /// Lives until a signal ends it, or it goes on in another process.
    ///
    /// # Errors
    /// When it cannot be asked, or an actor crashed too often.
    pub(super) async fn live(mut self, mut signals: Signals) -> Result<()> {
        let path = self.directory.path().to_owned();
        let noting = drained::note(self.ports.membership.clone(), self.member.name.clone(), path.clone());
        let noting = actix_rt::spawn(noting);
        self.load().await?;
        let profile = Arc::new(Profile::new(self.member.name.clone(), &self.loaded.provenance, &self.connected.reach));
        let leaving = Leaving::default();
        let estate = self.estate()?;
        let servers = self.answer(&profile, &leaving).await?;
        let has_succeeded = self.began.is_some();
        if let Some(began) = self.began.take() {
            began.up().await?;
        }
        let Self { executable, options, loaded, level, connected, operations, crashes, .. } = self;
        let Loaded { config, provenance, .. } = loaded;
        let reporting = Reporting::begin(&operations, has_succeeded);
        let passing = Some(Passing {
            executable,
            estate,
            staying: connected.staying,
            limit: config.node.upgrade_timeout.duration(),
            servers: servers.clone(),
            leaving,
            bus: connected.reach.nats(),
        });
        let life = Life { operations, options, config, provenance, profile, level, reporting, crashes, passing };
        let ended = life.live(&mut signals).await;
        noting.abort();
        let last_answers = join_all(servers.iter().map(|server| server.stop(true)));
        if let Ok(Some(passed)) = ended {
            futures::join!(last_answers, passed.attend(&mut signals));
            return Ok(());
        }
        connected.logs.settle().await;
        node_file::remove(&path);
        last_answers.await;
        ended.map(drop)
    }

    /// Jobs to begin with, if that was asked for.
    async fn load(&self) -> Result<()> {
        let Some(path) = &self.options.load else { return Ok(()) };
        let store = self.ports.store.as_ref().context("--load: this node has no database to load jobs into")?;
        load::load(path, &**store, &*self.operations, self.ports.clock.now()).await
    }

    /// What a successor gets.
    fn estate(&self) -> Result<Estate> {
        Ok(Estate {
            node: self.member.name.clone(),
            directory: self.directory.path().to_owned(),
            lock: self.directory.lock_again()?,
            sockets: self.doors.sockets(&self.loaded.config)?,
        })
    }

    /// Answers those who ask over the bus and at the doors, from now on.
    async fn answer(&mut self, profile: &Arc<Profile>, leaving: &Leaving) -> Result<Vec<ServerHandle>> {
        let (operations, ports, config) = (&self.operations, &self.ports, &self.loaded.config);
        if let Reach::Nats(bus) = &self.connected.reach {
            clients::serve(bus, config, operations, ports);
            Arc::clone(profile).answer(bus);
        }
        if self.began.is_some() {
            self.connected.staying.until_taken_up(SETTLING).await;
            until_ready(&**operations).await;
        }
        let set_up = match &ports.store {
            // The predecessor's link is good as long as it is.
            Some(store) if self.doors.web.is_some() && self.began.is_none() => {
                set_up_link(&**store, ports.clock.now()).await
            }
            _ => None,
        };
        let probed = |token| Probed { operations: operations.clone(), token, leaving: leaving.clone() };
        let desk = desk(&self.loaded).with_provider(self.provider.take());
        let (log, clock, safe) = (ports.log.clone(), ports.clock.clone(), self.connected.safe.clone());
        let notifier = self.connected.notifier.clone();
        let site = ports.store.clone().map(|store| {
            |token| {
                Site::new(operations.clone(), store, log, profile.clone(), notifier, clock, token)
                    .with(desk)
                    .opening(safe)
                    .left_by(leaving.clone())
            }
        });
        let answering = Answering { set_up, max_body: config.web.max_body.as_usize() };
        self.doors.answer(&self.member, self.directory.path(), probed, site, answering)
    }
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
