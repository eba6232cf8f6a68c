//! A server, buses on it, and messages that can be told apart.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use cronbus_adapters::bus::{Limits, Login, NatsBus, Options, Trust};
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::bus::{Address, Inbox};
use cronbus_core::port::{Bus, Clock};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::signing::{Key, Keyring};
use cronbus_core::wire::{Control, Message};
use cronbus_servers::{Kind, Server};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// The server that tests share which leave it alone.
pub fn url() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(Kind::Nats).expect("nats-server")).url()
}

pub fn clock() -> Arc<dyn Clock> {
    static CLOCK: OnceLock<Arc<SystemClock>> = OnceLock::new();
    CLOCK.get_or_init(|| Arc::new(SystemClock::start().unwrap())).clone()
}

pub fn key() -> Key {
    Key::new(&[7; 32])
}

pub fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

pub fn options(url: &str, name: &str) -> Options {
    Options {
        url: ServiceUrl::new(url),
        node: node(name),
        life: clock().now(),
        login: Login::default(),
        trust: Trust {
            keys: Keyring::of(key()),
            message_ttl: Duration::from_secs(600),
            clock_skew: Duration::from_secs(5),
        },
        limits: Limits { max_bytes: 256 << 20, ..Limits::default() },
        clock: clock(),
    }
}

pub async fn bus(url: &str, name: &str) -> Arc<NatsBus> {
    NatsBus::connect(options(url, name)).await.unwrap()
}

pub fn numbered(number: i64) -> Message {
    Message::Control(vec![Control::Acknowledge { runs: vec![RunId::floor(Timestamp::from_millis(number))] }])
}

pub fn number(message: &Message) -> i64 {
    let Message::Control(controls) = message else { panic!("{message:?}") };
    let [Control::Acknowledge { runs }] = &controls[..] else { panic!("{controls:?}") };
    runs[0].due_at().millis()
}

/// Publishes until the bus has taken it, as those who have something to say do.
pub async fn publish_until_taken(bus: &NatsBus, to: &Address, number: i64) -> u32 {
    let begun = Instant::now();
    let mut refusals = 0;
    while let Err(error) = bus.publish(to, numbered(number)).await {
        assert!(error.is_retryable() && begun.elapsed() < PATIENCE, "{error}");
        refusals += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    refusals
}

/// Receives until all of these have come.
pub async fn expect_all(inbox: &mut dyn Inbox, numbers: impl Iterator<Item = i64>) {
    let mut missing: BTreeSet<i64> = numbers.collect();
    while !missing.is_empty() {
        let message = tokio::time::timeout(PATIENCE, inbox.receive()).await;
        let message = message.unwrap_or_else(|_| panic!("{} did not come: {missing:?}", missing.len()));
        missing.remove(&number(&message.expect("the inbox is open")));
    }
}

/// Waits until `holds`.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
