//! A server, hosts on it, and runs that print.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use cronbus_adapters::bus::{Limits, Login, NatsBus, Options, Trust};
use cronbus_adapters::log::{ClusterLog, FileLog};
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::NodeName;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::log::{Chunk, Excerpt, Stream, Subject, Writer};
use cronbus_core::port::{Bus, Clock, Log};
use cronbus_core::suite::log::chunk;
use cronbus_core::wire::signing::{Key, Keyring};
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

pub fn options(url: &str, name: &str) -> Options {
    Options {
        url: ServiceUrl::new(url),
        node: NodeName::new(name).unwrap(),
        life: clock().now(),
        login: Login::default(),
        trust: Trust {
            keys: Keyring::of(Key::new(&[7; 32])),
            message_ttl: Duration::from_secs(600),
            clock_skew: Duration::from_secs(5),
        },
        limits: Limits { log_max_bytes: 64 << 20, ..Limits::default() },
        clock: clock(),
    }
}

/// A host: its bus and the logs it knows of.
#[derive(Debug)]
pub struct Host {
    pub bus: Arc<NatsBus>,
    pub log: Arc<ClusterLog>,
}

impl Host {
    pub async fn start(url: &str, name: &str, folder: &Path) -> Self {
        let bus = NatsBus::connect(options(url, name)).await.unwrap();
        let files = FileLog::open_to_ship(&folder.join(name)).unwrap();
        Self { log: Arc::new(ClusterLog::over(files, &bus)), bus }
    }

    pub fn node(name: &str) -> NodeName {
        NodeName::new(name).unwrap()
    }

    /// How many messages of output it has sent.
    pub fn sent(&self) -> u64 {
        self.bus.counters()["output"]
    }

    pub async fn settle(&self) {
        assert!(self.log.settle(PATIENCE).await, "not everything was sent");
    }
}

/// The same, as somebody asks for it who knows where it ran.
pub fn at(subject: &Subject, host: &str) -> Subject {
    Subject { node: Some(Host::node(host)), ..subject.clone() }
}

pub fn lines(from: u64, count: u64, bytes: usize) -> Vec<Chunk> {
    (from..from + count).map(|number| chunk(number, Stream::Stdout, &line(number, bytes))).collect()
}

fn line(number: u64, bytes: usize) -> Vec<u8> {
    format!("{number:0bytes$}\n").into_bytes()
}

pub async fn write(log: &dyn Log, subject: &Subject, chunks: &[Chunk]) -> Box<dyn Writer> {
    let mut writer = log.open(subject).await.unwrap();
    writer.append(chunks).await.unwrap();
    writer
}

/// Everything there is of a log now.
pub async fn all(log: &dyn Log, subject: &Subject) -> Excerpt {
    let mut all = Excerpt::default();
    loop {
        let part = log.read(subject, all.next, 100_000).await.unwrap();
        let is_empty = part.chunks.is_empty();
        all.chunks.extend(part.chunks);
        (all.next, all.complete, all.lack) = (part.next, part.complete, part.lack);
        if all.complete || is_empty {
            return all;
        }
    }
}

/// Follows a log until it is closed.
pub async fn follow(log: &dyn Log, subject: &Subject) -> Vec<Chunk> {
    let (begun, mut chunks, mut next) = (Instant::now(), Vec::new(), 0);
    loop {
        assert!(begun.elapsed() < PATIENCE, "the log does not end; so far {} chunks", chunks.len());
        if let Ok(part) = log.read(subject, next, 100_000).await {
            next = part.next;
            chunks.extend(part.chunks);
            if part.complete {
                return chunks;
            }
        }
        log.wait(subject, next).await;
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
