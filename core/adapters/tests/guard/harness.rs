//! What the guard's tests share: a server, guards on it, waiting for conditions.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use cronbus_adapters::guard::{ConnectError, Options, RedisGuard};
use cronbus_adapters::tls::Certificates;
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::{Attempt, JobId, NodeName, RunId, Slot};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::{Clock, Guard};
use cronbus_core::time::Timestamp;
use cronbus_servers::{Kind, Server};

/// Nothing here should take longer, on a machine however busy.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// The lease of claims that shall not end during a test.
pub const LONG: Duration = Duration::from_secs(300);

/// Ended when the process ends, by its guardian.
static SERVER: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start(Kind::Redis).unwrap()));

/// The URL of the server that all tests share; each test has a database of its own.
pub fn shared_url(database: u8) -> String {
    format!("{}/{database}", SERVER.lock().unwrap().url())
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::start().unwrap())
}

pub fn options(url: &str, timeout: Duration) -> Options {
    let certificates = Certificates::default();
    Options { url: ServiceUrl::new(url), timeout, keep: Duration::from_secs(600), certificates }
}

/// A guard that waits long: for tests that are not about waiting.
pub async fn patient(url: &str) -> RedisGuard {
    connect(url, Duration::from_secs(20)).await.unwrap()
}

pub async fn connect(url: &str, timeout: Duration) -> Result<RedisGuard, ConnectError> {
    RedisGuard::connect(&options(url, timeout), clock()).await
}

pub fn ids(jobs: std::ops::Range<i64>) -> Vec<RunId> {
    jobs.map(|job| Slot::new(JobId(job), Timestamp::from_seconds(1)).run_id(Attempt::FIRST)).collect()
}

pub fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

pub async fn claim(guard: &RedisGuard, jobs: std::ops::Range<i64>, holder: &str) -> Option<Vec<bool>> {
    guard.claim(&ids(jobs), &node(holder), LONG).await.ok()
}

/// Waits until a claim is answered again.
pub async fn until_it_answers(guard: &RedisGuard) {
    let deadline = Instant::now() + DEADLINE;
    while claim(guard, 1_000_000..1_000_001, "waiting").await.is_none() {
        assert!(Instant::now() < deadline, "the guard did not come back: {:?}", guard.health());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A bare connection, to look at what the guard wrote.
pub async fn bare(url: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}
