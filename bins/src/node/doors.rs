//! Where a node is asked: its web, and the listener for health alone. Both listen before anything is waited for, so that an
//! address which cannot be had is told at once, and somebody answers while the node waits.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use anyhow::{Context, Result};
use cronbus_core::config::Config;
use cronbus_core::port::membership::{Member, Role};

use super::greeting;
use super::succession::{Socket, Sockets};
use super::waiting::Reception;
use crate::node_file::{self, NodeFile};
use crate::token::{self, Token};
use crate::web::probes::{self, Probed};
use crate::web::server::{self, Listening};
use crate::web::site::Site;
use crate::web::tls::Shown;

/// Where a node is asked.
#[derive(Debug)]
pub(super) struct Doors {
    /// With the role web.
    pub(super) web: Option<Door>,
    /// With `health.listen`.
    pub(super) health: Option<Door>,
}

/// A socket, and what those who ask there must show.
#[derive(Debug)]
pub(super) struct Door {
    /// The socket.
    pub(super) listening: Listening,
    /// What must be shown.
    pub(super) token: Token,
    /// Where that is written.
    pub(super) token_file: PathBuf,
    /// What is shown to those who speak TLS; nobody else is answered then.
    pub(super) tls: Option<Arc<Shown>>,
}

/// How it is answered at the web.
#[derive(Debug)]
pub(super) struct Answering {
    /// The path of the link by which the first administrator is made; absent when there is one.
    pub(super) set_up: Option<String>,
    /// The largest body that is read, in bytes.
    pub(super) max_body: usize,
}

impl Doors {
    /// Those of the configuration; sockets that were opened before are taken where they fit.
    ///
    /// # Errors
    /// When an address cannot be listened at, or there is no token and none can be made.
    pub(super) fn open(config: &Config, mut opened: Sockets) -> Result<Self> {
        let has_web = config.node.roles.contains(&Role::Web);
        let listen = &config.health.listen;
        let web = if has_web { Some(Door::open_web(config, &mut opened)?) } else { None };
        let health = if listen.is_empty() {
            None
        } else {
            Some(Door::open(config, ("health.listen", listen), "--health-listen", &mut opened)?)
        };
        Ok(Self { web, health })
    }

    /// Their sockets, for a successor.
    ///
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn sockets(&self, config: &Config) -> std::io::Result<Vec<Socket>> {
        let web = self.web.iter().map(|door| ("web.listen", &config.web.listen, door));
        let health = self.health.iter().map(|door| ("health.listen", &config.health.listen, door));
        web.chain(health)
            .map(|(key, listen, door)| {
                let listener = door.listening.again()?.into_listener();
                Ok(Socket { key: key.to_owned(), listen: listen.clone(), listener })
            })
            .collect()
    }

    /// Answers at them from now on, and says where, on the standard output and in the data directory. What runs for them
    /// ends with the handles.
    ///
    /// # Errors
    /// When a socket or the data directory cannot be used.
    pub(super) fn answer(
        &mut self,
        member: &Member,
        directory: &Path,
        probed: impl FnOnce(Token) -> Probed,
        site: Option<impl FnOnce(Token) -> Site>,
        answering: Answering,
    ) -> Result<Vec<ServerHandle>> {
        let Answering { set_up, max_body } = answering;
        let file = NodeFile {
            name: member.name.clone(),
            address: self.web.as_ref().map_or_else(String::new, Door::url),
            certificate_file: self.web.as_ref().and_then(|web| Some(web.tls.as_ref()?.certificate_file().to_owned())),
            health: self.health.as_ref().map_or_else(String::new, Door::url),
            pid: member.pid,
            version: member.version.clone(),
        };
        let greeting = greeting::text(member, directory, self, set_up.as_deref());
        let mut handles = Vec::new();
        let mut run = |(server, handle)| {
            actix_rt::spawn::<Server>(server);
            handles.push(handle);
        };
        if let Some(Door { listening, token, .. }) = self.health.take() {
            run(probes::serve(listening, probed(token)).context("the listener for health could not be started")?);
        }
        if let Some((Door { listening, token, tls, .. }, site)) = self.web.take().zip(site) {
            let tls = tls.as_ref().map(Shown::kept_current);
            run(server::serve(listening, tls, site(token), max_body).context("the web could not be started")?);
        }
        if !handles.is_empty() {
            node_file::write(directory, &file).context("node.json could not be written to the data directory")?;
        }
        greeting::greet(&greeting);
        Ok(handles)
    }

    /// What answers at them while the node cannot.
    pub(super) fn receptions(&self) -> Vec<Reception<'_>> {
        [&self.web, &self.health].into_iter().flatten().map(Door::reception).collect()
    }
}

impl Door {
    fn open(config: &Config, (key, listen): (&str, &str), flag: &str, opened: &mut Sockets) -> Result<Self> {
        let token_file = config.token_path();
        let token = token::ensure(&token_file)?;
        let token_file = token_file.canonicalize().unwrap_or(token_file);
        let listening = match opened.take(key, listen) {
            Some(listener) => Listening::of(listener),
            None => server::listen(listen),
        };
        let listening = listening
            .with_context(|| format!("{key}: the node cannot listen at {listen}; choose another with {flag}"))?;
        Ok(Self { listening, token, token_file, tls: None })
    }

    fn open_web(config: &Config, opened: &mut Sockets) -> Result<Self> {
        let web = &config.web;
        let door = Self::open(config, ("web.listen", &web.listen), "--listen", opened)?;
        let tls = Shown::of(&web.certificate_file, &web.key_file).context("the web cannot speak TLS")?;
        if tls.is_none() && !door.listening.address.ip().is_loopback() {
            tracing::warn!(
                address = %door.listening.address,
                "web.listen: other machines reach the web without TLS, so passwords and tokens can be read on the way: \
                 give web.certificate_file and web.key_file, or let only a proxy with TLS reach it"
            );
        }
        Ok(Self { tls, ..door })
    }

    /// Host and port of a door; empty where there is none.
    pub(super) fn address(door: Option<&Self>) -> String {
        door.map_or_else(String::new, |door| door.listening.address.to_string())
    }

    /// The URL that leads to it.
    pub(super) fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.listening.address)
    }

    const fn reception(&self) -> Reception<'_> {
        Reception { listening: &self.listening, token: &self.token, tls: self.tls.as_ref() }
    }
}
