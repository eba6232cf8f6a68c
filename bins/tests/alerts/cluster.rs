//! What becomes of a cluster is told, to people over a channel and to programs over NATS: a node that is gone and back, a
//! service that is away and back, messages that nobody of the cluster signed, a run that failed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cronbus_core::id::NodeName;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::wire::signing::{Keyring, Stamp};
use cronbus_servers::{Cluster, Kind, NodePlan, Plan};
use serde_json::Value;

use crate::receiver::Receiver;
use crate::support::wait_for;

const RULES: &str = r#"
[alerts]
group_wait = "0s"
look_every = "300ms"
node_lost_after = "1s"
service_lost_after = "1s"
[[alerts.rule]]
name = "cluster"
events = ["failed", "node_lost", "service_degraded", "bad_signatures"]
channels = ["hook"]
"#;

const EXECUTOR: usize = 1;

fn cluster(receiver: &Receiver) -> Cluster {
    let deciding = NodePlan::new("deciding", &["web", "scheduler", "dispatcher", "monitor"]);
    let nodes = vec![deciding, NodePlan::new("executing", &["executor"])];
    let mut plan = Plan::new(PathBuf::from(env!("CARGO_BIN_EXE_cronbus")), Kind::PostgreSql, nodes);
    plan.configuration = format!("{RULES}{}", receiver.channel());
    plan.lease = Duration::from_secs(3);
    let mut cluster = Cluster::start(plan).unwrap();
    cluster.wait_for_members().unwrap();
    cluster
}

/// A plain client of NATS: it hears the events, and says what nobody signed.
struct Listener {
    socket: TcpStream,
    /// The subjects of what was heard, and what it was about.
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Listener {
    fn at(port: u16) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(socket, "CONNECT {{\"verbose\":false}}\r\nSUB cronbus.v1.event.> 1\r\n").unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (hearing, reading) = (Arc::clone(&heard), socket.try_clone().unwrap());
        std::thread::spawn(move || hear(BufReader::new(reading), &hearing));
        Self { socket, heard }
    }

    fn says(&mut self, subject: &str, content: &[u8]) {
        let head = format!("PUB {subject} {}\r\n", content.len());
        self.socket.write_all(&[head.as_bytes(), content, b"\r\n"].concat()).unwrap();
    }

    fn subjects(&self) -> BTreeSet<String> {
        self.heard.lock().unwrap().iter().map(|(subject, _)| subject.clone()).collect()
    }
}

/// Until the server hangs up.
fn hear(mut reader: BufReader<TcpStream>, heard: &Mutex<Vec<(String, Value)>>) -> Option<()> {
    let mut answering = reader.get_ref().try_clone().ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        if line.starts_with("PING") {
            answering.write_all(b"PONG\r\n").ok()?;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first() == Some(&"MSG") {
            let mut content = vec![0; words.last()?.parse::<usize>().ok()? + 2];
            reader.read_exact(&mut content).ok()?;
            let event = serde_json::from_slice(content.trim_ascii()).unwrap();
            heard.lock().unwrap().push((words[1].to_owned(), event));
        }
    }
}

/// Waits until people were told of something of this kind that has this text in its title.
fn told(receiver: &Receiver, kind: &str, title: &str) {
    let is_it =
        |message: &Value| message["kind"] == kind && message["title"].as_str().is_some_and(|text| text.contains(title));
    wait_for(kind, || receiver.got().iter().any(is_it).then_some(()));
}

/// A message under a seal that is not the cluster's.
fn forged(subject: &str) -> Vec<u8> {
    let now = SystemClock::start().unwrap().now();
    let sender = NodeName::new("executing").unwrap();
    let expires_at = now + Duration::from_secs(60);
    let stamp = Stamp { sender, life: now, sequence: 1, expires_at, part: 0, parts: 1 };
    Keyring::parse(&"deadbeef".repeat(8)).unwrap().seal(subject, &stamp, b"anything")
}

#[test]
fn what_becomes_of_a_cluster_is_told() {
    let receiver = Receiver::start();
    let mut cluster = cluster(&receiver);
    let mut listener = Listener::at(cluster.nats.port());
    for words in [&["job", "add", "report", "--shell", "false"][..], &["job", "run", "report"]] {
        assert!(cluster.ask(words).unwrap().status.success());
    }
    told(&receiver, "failed", "report");

    cluster.nodes[EXECUTOR].kill().unwrap();
    told(&receiver, "node_lost", "executing");
    cluster.nodes[EXECUTOR].launch().unwrap();
    told(&receiver, "node_back", "executing");

    cluster.redis.kill().unwrap();
    told(&receiver, "service_degraded", "guard");
    cluster.redis.start_again().unwrap();
    told(&receiver, "service_back", "guard");

    listener.says("cronbus.v1.outcome.deciding", &forged("cronbus.v1.outcome.deciding"));
    told(&receiver, "bad_signatures", "deciding");

    let kinds = ["failed", "node_lost", "node_back", "service_degraded", "service_back", "bad_signatures"];
    let subjects: BTreeSet<String> = kinds.iter().map(|kind| format!("cronbus.v1.event.{kind}")).collect();
    wait_for("programs to be told, too", || listener.subjects().is_superset(&subjects).then_some(()));
    let heard = listener.heard.lock().unwrap();
    let (_, failed) = heard.iter().find(|(subject, _)| subject.ends_with(".failed")).unwrap();
    assert!(failed["kind"] == "failed" && failed.to_string().contains("report"), "{failed}");
}
