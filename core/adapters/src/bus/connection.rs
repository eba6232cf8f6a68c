//! The connection to the servers: how it is made, and how it is.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use cronbus_core::config::{Endpoints, Host};

use super::connect::ConnectError;
use super::counters::Counters;
use super::options::Login;
use crate::tls;
use crate::watched::Watched;

/// The port of NATS where none is given.
const PORT: u16 = 4222;

/// How long the first connection may take before the node starts without it.
const FIRST: Duration = Duration::from_secs(5);

/// The pauses between tries to connect: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A server that does not answer this often in a row is gone.
const PING: Duration = Duration::from_secs(5);

/// How long a server may take to answer a question, or to say that it has a message.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

fn note(event: &Event, watched: &Watched, counters: &Counters) {
    match event {
        Event::Connected => {
            Counters::add(&counters.connected, 1);
            watched.is_up();
        }
        Event::Disconnected | Event::Closed => watched.is_away("the connection is lost; it is tried again for ever"),
        // Told at each try to connect; people are told once.
        Event::ServerError(error @ ServerError::AuthorizationViolation) => watched.is_away(&error.to_string()),
        other => tracing::debug!(%other, "NATS"),
    }
}

/// Who calls whom.
#[derive(Debug)]
pub(super) struct Calling<'options> {
    pub(super) name: &'options str,
    pub(super) endpoints: Endpoints,
    pub(super) login: &'options Login,
    pub(super) watched: Arc<Watched>,
    pub(super) counters: Arc<Counters>,
}

/// Connects; that no server answers is an error, too.
pub(super) async fn connect_once(calling: &Calling<'_>) -> Result<Client, ConnectError> {
    let servers = addresses(&calling.endpoints)?;
    let first = prepared(calling).await?.connection_timeout(FIRST);
    match tokio::time::timeout(FIRST, first.connect(&servers[..])).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(refused(calling, &error)),
        Err(_) => Err(ConnectError::Refused { reason: "no server answered in time".to_owned() }),
    }
}

/// Connects. Where no server answers it goes on trying behind the caller's back; where one refuses, or the address or a
/// file cannot be used, that is an error.
pub(super) async fn connect(calling: &Calling<'_>) -> Result<Client, ConnectError> {
    let servers = addresses(&calling.endpoints)?;
    let first = prepared(calling).await?.connection_timeout(FIRST);
    let refusal = match tokio::time::timeout(FIRST, first.connect(&servers[..])).await {
        Ok(Ok(client)) => return Ok(client),
        Ok(Err(error)) => error,
        Err(_) => return wait_for(calling, &servers, "no server answered in time").await,
    };
    match refusal.kind() {
        ConnectErrorKind::Io | ConnectErrorKind::TimedOut | ConnectErrorKind::MaxReconnects
            if tls::distrust(&refusal).is_none() =>
        {
            wait_for(calling, &servers, &refusal.to_string()).await
        }
        _ => Err(refused(calling, &refusal)),
    }
}

fn refused(calling: &Calling<'_>, refusal: &async_nats::ConnectError) -> ConnectError {
    let Some(advice) = tls::distrust(refusal) else { return ConnectError::Refused { reason: refusal.to_string() } };
    let hosts: Vec<String> = calling.endpoints.hosts.iter().map(|host| host.address(PORT)).collect();
    ConnectError::Distrust { hosts: hosts.join(", "), advice }
}

async fn wait_for(calling: &Calling<'_>, servers: &[ServerAddr], reason: &str) -> Result<Client, ConnectError> {
    calling.watched.is_away(reason);
    let patient = prepared(calling).await?.retry_on_initial_connect();
    let refused = |error: async_nats::ConnectError| ConnectError::Refused { reason: error.to_string() };
    patient.connect(servers).await.map_err(refused)
}

fn addresses(url: &Endpoints) -> Result<Vec<ServerAddr>, ConnectError> {
    let address = |host: &Host| format!("nats://{}", host.address(PORT)).parse().map_err(|_| ConnectError::Address);
    url.hosts.iter().map(address).collect()
}

/// Options without the servers, for one try: they cannot be used twice.
async fn prepared(calling: &Calling<'_>) -> Result<ConnectOptions, ConnectError> {
    let (watched, counters) = (Arc::clone(&calling.watched), Arc::clone(&calling.counters));
    let base = ConnectOptions::new()
        .name(calling.name)
        .ping_interval(PING)
        .request_timeout(Some(PATIENCE))
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            let doubled = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(16);
            PAUSE.0.saturating_mul(1_u32 << doubled).min(PAUSE.1)
        })
        .event_callback(move |event| {
            note(&event, &watched, &counters);
            async {}
        });
    with_login(with_user(base, &calling.endpoints), calling.login).await
}

fn with_user(base: ConnectOptions, endpoints: &Endpoints) -> ConnectOptions {
    match (&endpoints.user, &endpoints.password) {
        (Some(user), Some(password)) => base.user_and_password(user.clone(), password.clone()),
        (Some(token), None) => base.token(token.clone()),
        (None, _) => base,
    }
}

async fn with_login(mut base: ConnectOptions, login: &Login) -> Result<ConnectOptions, ConnectError> {
    if let Some(path) = &login.credentials_file {
        let failed = |source| ConnectError::File { key: "bus.credentials_file", path: path.clone(), source };
        base = base.credentials_file(path).await.map_err(failed)?;
    }
    if let Some(path) = &login.nkey_file {
        let failed = |source| ConnectError::File { key: "bus.nkey_file", path: path.clone(), source };
        let seed = tokio::fs::read_to_string(path).await.map_err(failed)?;
        base = base.nkey(seed.trim().to_owned());
    }
    if let Some(path) = &login.ca_file {
        base = base.add_root_certificates(path.clone()).require_tls(true);
    }
    if let Some((certificate, key)) = &login.certificate {
        base = base.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
    }
    Ok(base)
}
