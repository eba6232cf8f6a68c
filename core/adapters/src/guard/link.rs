//! The connection, and the one task that makes it again when it was lost.
//!
//! ```text
//!            connect, probe ok                        an error of anybody's call
//!   away ─────────────────────────▶ up (a connection) ───────────────────────────▶ away
//!    │  ▲                            │  ▲
//!    └──┘ pause, 50 ms to 2 s        └──┘ probe ok, once a second
//! ```
//!
//! Callers never make connections: while it is away they are told so at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cronbus_core::port::Clock;
use cronbus_core::port::guard::Error;
use cronbus_core::port::health::{Health, Service};
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::address::{Address, Options};
use super::commands;
use super::connection::Connection;
use crate::tls;
use crate::watched::Watched;

/// Between two tries to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often an idle connection is tried.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// A guard that cannot be started with.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL.
    #[error("guard.url: `{url}` cannot be used: {reason}")]
    Address {
        /// Without the password.
        url: String,
        /// Why, and what is allowed.
        reason: String,
    },
    /// The server is there and does not let this node in.
    #[error("guard.url: the server of `{url}` refuses this node: {reason}")]
    Refused {
        /// Without the password.
        url: String,
        /// What it said, and what to do.
        reason: String,
    },
}

/// A connection that was in use when something happened.
pub(super) struct Borrowed {
    pub(super) connection: Connection,
    number: u64,
}

/// What the guard's calls and the task share.
#[derive(Debug)]
struct Shared {
    current: Mutex<Current>,
    lost: Notify,
    watched: Watched,
}

#[derive(Default)]
struct Current {
    connection: Option<Connection>,
    /// Grows with every connection made: so that the failure of an old one does not take the new one down.
    number: u64,
    reason: String,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "connection {} ({})", self.number, if self.connection.is_some() { "up" } else { "away" })
    }
}

/// The link to the servers; the task ends when it is dropped.
#[derive(Debug)]
pub(super) struct Link {
    shared: Arc<Shared>,
    keeper: AbortHandle,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Link {
    /// Tries once to connect, then keeps at it.
    ///
    /// # Errors
    /// When the URL cannot be used, or the server refuses this node. A server that does not answer is no error.
    pub(super) async fn start(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, ConnectError> {
        let url = options.url.to_string();
        let address = Address::of(options).map_err(|reason| ConnectError::Address { url: url.clone(), reason })?;
        let watched = Watched::new(Service::Guard, &url, clock);
        let shared = Arc::new(Shared { current: Mutex::default(), lost: Notify::new(), watched });
        match establish(&address).await {
            Ok(connection) => shared.is_up(connection),
            Err(error) if is_refusal(&error) => {
                return Err(ConnectError::Refused { url, reason: explain(&error) });
            }
            Err(error) => shared.is_away(&explain(&error)),
        }
        let keeper = tokio::spawn(keep(address, Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, keeper })
    }

    /// The connection, if there is one.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn borrow(&self) -> Result<Borrowed, Error> {
        let current = self.shared.current();
        match &current.connection {
            Some(connection) => Ok(Borrowed { connection: connection.clone(), number: current.number }),
            None => Err(Error { reason: current.reason.clone() }),
        }
    }

    /// Gives a connection back after use, with what became of the call.
    ///
    /// # Errors
    /// That of the call. The connection is not used any more then, whatever it was: a server that is short of memory or
    /// was made a replica is as good as away, and the probe tells when it is well.
    pub(super) fn give_back<T>(&self, borrowed: &Borrowed, outcome: RedisResult<T>) -> Result<T, Error> {
        outcome.map_err(|error| {
            let reason = explain(&error);
            self.shared.lose(borrowed.number, &reason);
            Error { reason }
        })
    }

    pub(super) fn health(&self) -> Health {
        self.shared.watched.health()
    }
}

impl Shared {
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_up(&self, connection: Connection) {
        let mut current = self.current();
        current.number += 1;
        current.connection = Some(connection);
        drop(current);
        self.watched.is_up();
    }

    fn is_away(&self, reason: &str) {
        reason.clone_into(&mut self.current().reason);
        self.watched.is_away(reason);
    }

    fn lose(&self, number: u64, reason: &str) {
        let mut current = self.current();
        if current.number != number || current.connection.is_none() {
            return;
        }
        current.connection = None;
        drop(current);
        self.is_away(reason);
        self.lost.notify_one();
    }
}

async fn keep(address: Address, shared: Arc<Shared>) {
    loop {
        watch(&shared).await;
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            match establish(&address).await {
                Ok(connection) => break shared.is_up(connection),
                Err(error) => shared.is_away(&explain(&error)),
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

/// Returns when there is no connection any more.
async fn watch(shared: &Shared) {
    loop {
        let (connection, number) = {
            let current = shared.current();
            let Some(connection) = current.connection.clone() else { return };
            (connection, current.number)
        };
        tokio::select! {
            () = shared.lost.notified() => {}
            () = tokio::time::sleep(PROBE_EVERY) => {
                if let Err(error) = commands::probe(&connection).await {
                    shared.lose(number, &explain(&error));
                }
            }
        }
    }
}

pub(super) async fn establish(address: &Address) -> RedisResult<Connection> {
    let connection = address.connect().await?;
    commands::probe(&connection).await?;
    Ok(connection)
}

/// Whether the server is there and will say the same next time.
fn is_refusal(error: &RedisError) -> bool {
    let said = |word: &str| error.detail().is_some_and(|detail| detail.contains(word)) || error.code() == Some(word);
    match error.kind() {
        _ if tls::distrust(error).is_some() => true,
        ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig => true,
        ErrorKind::Server(ServerErrorKind::NoPerm) => true,
        _ => said("NOAUTH") || said("WRONGPASS") || said("DB index is out of range"),
    }
}

pub(super) fn explain(error: &RedisError) -> String {
    if let Some(advice) = tls::distrust(error) {
        return advice;
    }
    let advice = match error.kind() {
        ErrorKind::AuthenticationFailed => "; the user or password in guard.url is not the server's",
        _ if error.code() == Some("NOAUTH") => "; the server wants a password: write redis://:PASSWORD@HOST",
        ErrorKind::Server(ServerErrorKind::NoPerm) => {
            "; the user needs SET, GET, DEL, PEXPIRE and EVAL on the keys cronbus:once:*"
        }
        ErrorKind::Server(ServerErrorKind::ReadOnly) => {
            "; this is a replica: name the master, or use redis-sentinel://"
        }
        ErrorKind::MasterNameNotFoundBySentinel => "; the sentinels do not know the master named in guard.url",
        _ => "",
    };
    format!("{error}{advice}")
}
