//! Waiting for the database: a node that starts while its server is away says so and goes on trying. What waiting cannot
//! mend (a wrong password, a database that is not there, a schema that is too old) ends it at once.
//!
//! The store is opened on a thread of its own, since it must not be inside a runtime; the runtime here is for signals and
//! for those who ask the node meanwhile, and ends before the node's own begins.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cronbus_adapters::store::OpenError;
use cronbus_core::config::Config;
use cronbus_core::port::Store;
use cronbus_core::port::health::Service;
use tokio::sync::watch;

use super::parts;
use crate::service_manager::{Manager, News};
use crate::signal::{Signals, Wish};
use crate::token::Token;
use crate::web::server::Listening;
use crate::web::serving::Serving;
use crate::web::tls::Shown;
use crate::web::waiting::{self, Waiting};

/// The pauses between tries: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// Where the node is asked meanwhile, and what opens the details.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reception<'node> {
    /// Its socket.
    pub(super) listening: &'node Listening,
    /// The administrator's token.
    pub(super) token: &'node Token,
    /// What is shown to those who speak TLS.
    pub(super) tls: Option<&'node Arc<Shown>>,
}

/// Opens the store, waiting for its server if need be; `None` when a signal ended the wait.
///
/// # Errors
/// When waiting cannot help.
pub(super) fn open_store(config: &Config, receptions: &[Reception<'_>]) -> Result<Option<Arc<dyn Store>>> {
    match parts::open_store(config) {
        Err(error) if error.is_retryable() => {
            // Without its surroundings: what was opened in them is gone before the node's own begin.
            actix_rt::System::new().block_on(wait(config, receptions, error))
        }
        opened => opened.map(Some).context(UNUSABLE),
    }
}

/// What every error here begins with.
const UNUSABLE: &str = "database.url: the database cannot be used";

async fn wait(config: &Config, receptions: &[Reception<'_>], error: OpenError) -> Result<Option<Arc<dyn Store>>> {
    let mut signals = Signals::listen().context("signals could not be listened to")?;
    tracing::warn!("the node waits for its database, and tries again until it answers: {error}");
    let reason = watch::Sender::new(error.to_string());
    let receiving = Receiving::begin(receptions, Service::Database, &reason)?;
    let opened = until_opened(config, &mut signals, &reason).await;
    receiving.end().await;
    opened.context(UNUSABLE)
}

/// Those who ask the node are told that it waits, and for what.
#[derive(Debug)]
pub(super) struct Receiving(Vec<Serving>);

impl Receiving {
    /// Answers at all doors from now on.
    ///
    /// # Errors
    /// When a socket cannot be used.
    pub(super) fn begin(
        receptions: &[Reception<'_>],
        awaited: Service,
        reason: &watch::Sender<String>,
    ) -> std::io::Result<Self> {
        let line = format!("waiting for the {awaited}: {}", *reason.borrow());
        Manager::of_environment().tell(&[News::Status(line)]);
        let serve = |Reception { listening, token, tls }: &Reception<'_>| {
            let waiting = Waiting { token: Token::clone(token), awaited, reason: reason.subscribe() };
            waiting::serve(listening.again()?, tls.map(Shown::config), waiting)
        };
        receptions.iter().map(serve).collect::<std::io::Result<_>>().map(Self)
    }

    /// Answers those who have asked, and no more. Who asks from now on is heard by the node itself.
    pub(super) async fn end(self) {
        for serving in self.0 {
            serving.end().await;
        }
    }
}

async fn until_opened(
    config: &Config,
    signals: &mut Signals,
    reason: &watch::Sender<String>,
) -> Result<Option<Arc<dyn Store>>, OpenError> {
    let mut pause = PAUSE.0;
    loop {
        tokio::select! {
            () = end(signals) => return Ok(None),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(PAUSE.1);
        let tried = tokio::select! {
            () = end(signals) => return Ok(None),
            tried = try_once(config.clone()) => tried,
        };
        match tried {
            None => {}
            Some(Err(error)) if error.is_retryable() => drop(reason.send_replace(error.to_string())),
            Some(opened) => {
                if opened.is_ok() {
                    tracing::info!("the database answers: the node goes on");
                }
                return opened.map(Some);
            }
        }
    }
}

/// One try; `None` when its thread came to no end.
async fn try_once(config: Config) -> Option<Result<Arc<dyn Store>, OpenError>> {
    let (done, opened) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("opening".to_owned());
    // Whoever waited may be gone.
    thread.spawn(move || drop(done.send(parts::open_store(&config)))).ok()?;
    opened.await.ok()
}

async fn end(signals: &mut Signals) {
    while signals.next().await != Wish::End {}
}
