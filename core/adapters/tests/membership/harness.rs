//! What the register's tests share: a server, connections to it, waiting for conditions.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use cronbus_adapters::membership::{ConnectError, EtcdMembership, Options};
use cronbus_adapters::tls::Certificates;
use cronbus_core::config::ServiceUrl;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Membership;
use cronbus_core::port::membership::Snapshot;
use cronbus_core::suite::membership::names;
use cronbus_servers::{Kind, Server};

/// Nothing here should take longer, on a machine however busy.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// The lease of tests that are not about its end.
pub const LEASE: Duration = Duration::from_secs(10);
/// The shortest that etcd grants.
pub const SHORT: Duration = Duration::from_secs(2);

/// Ended when the process ends, by its guardian.
static SERVER: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start(Kind::Etcd).unwrap()));
static PREFIXES: AtomicU32 = AtomicU32::new(0);

/// A register of its own on the server that all tests share.
pub fn shared_url() -> String {
    format!("{}/test-{}", SERVER.lock().unwrap().url(), PREFIXES.fetch_add(1, Ordering::Relaxed))
}

/// A connection of a node with this identity.
pub async fn connect(url: &str, identity: &str, lease: Duration) -> Result<EtcdMembership, ConnectError> {
    let (certificates, identity) = (Certificates::default(), identity.to_owned());
    let options = Options { url: ServiceUrl::new(url), lease, certificates, identity };
    EtcdMembership::connect(&options, Arc::new(SystemClock::start().unwrap())).await
}

pub async fn node(url: &str, identity: &str) -> EtcdMembership {
    connect(url, identity, LEASE).await.unwrap()
}

/// Waits until `is_so`.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until exactly these members are seen.
pub async fn until_seen(membership: &EtcdMembership, expected: &[&str]) -> Snapshot {
    until(&format!("{expected:?} are seen"), || names(&membership.snapshot()) == expected).await;
    membership.snapshot()
}

/// A bare client, to do to the register what nodes do not.
pub async fn bare(url: &str) -> etcd_client::Client {
    let address = url.trim_start_matches("etcd://").split('/').next().unwrap().to_owned();
    etcd_client::Client::connect([address], None).await.unwrap()
}
