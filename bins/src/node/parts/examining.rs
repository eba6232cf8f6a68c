//! Asking every service of a configuration what it is, without using it: for `cronbus doctor`.

use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::examined::Examined;
use cronbus_adapters::tls::Certificates;
use cronbus_adapters::{bus, guard, membership, store};
use cronbus_core::config::Config;
use cronbus_core::port::Clock;
use cronbus_core::port::health::Service;

use super::database::{options, url};

/// How long one service may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one member of a cluster may take.
const EACH: Duration = Duration::from_secs(3);

/// A service and what it said, or why it said nothing. No text has a password.
pub(crate) type Answer = (Service, Result<Examined, String>);

/// What the services of a configuration say of themselves; those that are no servers are left out. All are asked at once.
pub(crate) async fn examine(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Answer> {
    // The drivers' futures are large.
    let asked = futures::join!(
        within(Service::Database, Box::pin(database(config, clock))),
        within(Service::Bus, Box::pin(nats(config, clock))),
        within(Service::Membership, Box::pin(etcd(config))),
        within(Service::Guard, Box::pin(redis(config, clock))),
    );
    [asked.0, asked.1, asked.2, asked.3].into_iter().flatten().collect()
}

/// The answer of a service, in time; `None` where it is none that can be asked.
async fn within(service: Service, asking: impl Future<Output = Option<Result<Examined, String>>>) -> Option<Answer> {
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    let late = || Some(Err(format!("no answer within {} s", PATIENCE.as_secs())));
    Some((service, answer.unwrap_or_else(|_| late())?))
}

async fn database(config: &Config, clock: &Arc<dyn Clock>) -> Option<Result<Examined, String>> {
    if !config.reads_database() || config.database_path().is_some() {
        return None;
    }
    let (url, options, clock) = (url(config), options(config), Arc::clone(clock));
    let (done, examined) = tokio::sync::oneshot::channel();
    // The store must not be opened inside a runtime. Whoever waited may be gone.
    let ask = move || drop(done.send(store::examine(url.as_str(), options, &clock).map_err(|error| error.to_string())));
    let thread = std::thread::Builder::new().name("examining".to_owned()).spawn(ask);
    if let Err(error) = thread {
        return Some(Err(error.to_string()));
    }
    Some(examined.await.unwrap_or_else(|_| Err("the thread that asked it has ended".to_owned())))
}

async fn nats(config: &Config, clock: &Arc<dyn Clock>) -> Option<Result<Examined, String>> {
    let url = &config.bus.url;
    if url.scheme() == "local" {
        return None;
    }
    let login = match super::login(&config.bus) {
        Ok(login) => login,
        Err(error) => return Some(Err(format!("bus: {error}"))),
    };
    Some(bus::examine(url, &login, clock).await.map_err(|error| error.to_string()))
}

async fn etcd(config: &Config) -> Option<Result<Examined, String>> {
    let settings = &config.membership;
    if settings.url.scheme() == "local" {
        return None;
    }
    let certificates = match Certificates::read(&settings.ca_file, &settings.certificate_file, &settings.key_file) {
        Ok(certificates) => certificates,
        Err(error) => return Some(Err(format!("membership: {error}"))),
    };
    let (url, lease) = (settings.url.clone(), settings.lease.duration());
    let options = membership::Options { url, lease, certificates, identity: String::new() };
    Some(membership::examine(&options, EACH).await.map_err(|error| error.to_string()))
}

async fn redis(config: &Config, clock: &Arc<dyn Clock>) -> Option<Result<Examined, String>> {
    let settings = &config.guard;
    if settings.url.scheme() == "local" {
        return None;
    }
    let certificates = match Certificates::read(&settings.ca_file, &settings.certificate_file, &settings.key_file) {
        Ok(certificates) => certificates,
        Err(error) => return Some(Err(format!("guard: {error}"))),
    };
    let (url, timeout, keep) = (settings.url.clone(), EACH, settings.keep.duration());
    let options = guard::Options { url, timeout, keep, certificates };
    Some(guard::examine(&options, &**clock).await.map_err(|error| error.to_string()))
}
