//! Looking at a NATS without making a stream there.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::context::{Context, ContextBuilder};
use bytes::Bytes;
use cronbus_core::config::{Endpoints, ServiceUrl};
use cronbus_core::port::Clock;
use cronbus_core::port::health::Service;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::subject;

use super::connect::ConnectError;
use super::connection::{self, Calling, PATIENCE};
use super::counters::Counters;
use super::options::Login;
use super::streams;
use crate::examined::{Examined, Offset, Unusable};
use crate::watched::Watched;

/// Asks the servers of a URL for their version, whether they keep messages, and the time, for some seconds at most.
///
/// # Errors
/// When no server answers, one refuses, or the address or a file cannot be used.
pub async fn examine(url: &ServiceUrl, login: &Login, clock: &Arc<dyn Clock>) -> Result<Examined, Unusable> {
    let unusable = |error| Unusable { place: url.to_string(), reason: reason(error) };
    let calling = Calling {
        name: "cronbus doctor",
        endpoints: Endpoints::parse(url).map_err(|_| unusable(ConnectError::Address))?,
        login,
        watched: Arc::new(Watched::new(Service::Bus, url.to_string(), Arc::clone(clock))),
        counters: Arc::<Counters>::default(),
    };
    let client = connection::connect_once(&calling).await.map_err(unusable)?;
    let info = client.server_info();
    let mut complaints = Vec::new();
    if let Err(error) = client.request("$JS.API.INFO", Bytes::new()).await {
        complaints
            .push(format!("JetStream does not answer ({error}): start the server with -js, and let this user use it"));
    }
    if !info.auth_required {
        complaints.push(
            "the server does not ask who its clients are: whoever reaches it can read what runs print. Give it users and \
             permissions"
                .to_owned(),
        );
    }
    let context = ContextBuilder::new().timeout(PATIENCE).build(client);
    let clock = time_there(&context, &**clock).await;
    Ok(Examined { product: "NATS", version: info.version.clone(), clock, complaints })
}

/// Why there is no connection. That nobody answers is no refusal.
fn reason(error: ConnectError) -> String {
    match error {
        ConnectError::Refused { reason } => reason,
        other => other.to_string(),
    }
}

/// A server tells its clock nowhere but in what it makes: a consumer in its memory, on the stream of logs, that is gone at
/// once. `None` before there is that stream.
async fn time_there(context: &Context, clock: &dyn Clock) -> Option<Offset> {
    let stream = context.get_stream(streams::keeping(subject::LOG)).await.ok()?;
    let config = pull::Config {
        inactive_threshold: Duration::from_secs(1),
        memory_storage: true,
        description: Some("cronbus doctor asks for the time".to_owned()),
        ..pull::Config::default()
    };
    let before = clock.now();
    let consumer = stream.create_consumer(config).await.ok()?;
    let after = clock.now();
    let info = consumer.cached_info();
    // It goes by itself within a second.
    let _ = stream.delete_consumer(&info.name).await;
    let there = i64::try_from(info.created.unix_timestamp_nanos() / 1_000_000).ok()?;
    Some(Offset::measured(before, Timestamp::from_millis(there), after))
}
