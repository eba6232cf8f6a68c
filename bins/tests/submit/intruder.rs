//! Somebody reaches NATS and may publish to every subject that a node listens on. Nothing of it runs, all of it is counted,
//! and the node goes on. He needs no library for it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use cronbus_core::id::NodeName;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Clock;
use cronbus_core::port::bus::Address;
use cronbus_core::wire::signing::{Keyring, Stamp};
use cronbus_core::wire::{Control, Message, encoding, subject};
use cronbus_servers::{Kind, Server};

use crate::support::{Client, Node, cronbus, wait_for};

const KEY: &str = "c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11c0ffee11";

/// Where the intruder waits for answers.
const INBOX: &str = "_INBOX.intruder";

/// The wire of NATS, as a person with `telnet` speaks it.
struct Intruder(BufReader<TcpStream>);

impl Intruder {
    fn at(server: &Server) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        write!(stream, "CONNECT {{\"verbose\":false}}\r\nSUB {INBOX} 1\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn publish(&mut self, subject: &str, payload: &[u8]) {
        let head = format!("PUB {subject} {}\r\n", payload.len());
        self.0.get_mut().write_all(&[head.as_bytes(), payload, b"\r\n"].concat()).unwrap();
    }

    /// Asks, and wants to be answered at his inbox.
    fn ask(&mut self, subject: &str, payload: &[u8]) {
        let head = format!("PUB {subject} {INBOX} {}\r\n", payload.len());
        self.0.get_mut().write_all(&[head.as_bytes(), payload, b"\r\n"].concat()).unwrap();
    }

    /// Waits until the server has taken everything and sent him what there was for him. Returns how many messages.
    fn flush(&mut self) -> usize {
        self.0.get_mut().write_all(b"PING\r\n").unwrap();
        let (mut line, mut heard) = (String::new(), 0);
        while !line.starts_with("PONG") {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the server hung up");
            heard += usize::from(line.starts_with("MSG "));
        }
        heard
    }
}

fn sealed(key: &str, on: &str, expires_in: i64) -> Vec<u8> {
    let now = SystemClock::start().unwrap().now();
    let expires_at = cronbus_core::time::Timestamp::from_millis(now.millis() + expires_in * 1000);
    let sender = NodeName::new("test").unwrap();
    let stamp = Stamp { sender, life: now, sequence: 1, expires_at, part: 0, parts: 1 };
    let content = encoding::encode(&Message::Control(vec![Control::Hold(true)])).unwrap();
    Keyring::parse(key).unwrap().seal(on, &stamp, &content)
}

/// What he sends to a subject: nobody who listens there should take any of it.
fn hostile(on: &str) -> Vec<Vec<u8>> {
    let mut later = sealed(KEY, on, 60);
    later[3] = 99;
    vec![
        Vec::new(),
        b"rm -rf /".to_vec(),
        br#"{"command":{"shell":"touch /tmp/intruder"}}"#.to_vec(),
        vec![b'x'; 1_000_000],
        vec![0xff; 200],
        sealed(&"deadbeef".repeat(8), on, 60),
        sealed(KEY, "cronbus.v1.control.other", 60),
        sealed(KEY, on, -3600),
        later,
    ]
}

fn refused(client: &Client, node: &Node) -> u64 {
    let (_, _, text) = client.send(client.get(node, "/metrics"));
    let lines = text.lines().filter(|line| line.contains(r#"actor="bus""#) && line.contains(r#"name="refused_"#));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn an_intruder_has_nothing_run_and_stops_nobody() {
    let server = Server::start(Kind::Nats).unwrap();
    let node = Node::start_with(&format!("[bus]\nurl = {:?}\n[cluster]\nkey = {KEY:?}\n", server.url()));
    let (client, mut intruder) = (Client::new(), Intruder::at(&server));
    let name = NodeName::new("test").unwrap();
    let addresses = [Address::Executor, Address::Control, Address::Dispatcher, Address::Scheduler];
    let between_nodes = addresses.map(|address| subject::of(&address(name.clone())));
    let of_clients = [subject::SUBMIT, subject::SUBMIT_QUEUED].map(str::to_owned);
    let mut sent = 0;
    for on in between_nodes.iter().chain(&of_clients) {
        for payload in hostile(on) {
            intruder.publish(on, &payload);
            sent += 1;
        }
    }
    // Who asks a node about itself or about its logs is told nothing, not even with a question that somebody else sealed
    // for an inbox of his own.
    for about in ["config", "log"] {
        let on = format!("{}.{about}", subject::asking(&name));
        let overheard = sealed(KEY, &format!("{on} _INBOX.other"), 60);
        for payload in hostile(&on).into_iter().chain([overheard]) {
            intruder.ask(&on, &payload);
            sent += 1;
        }
    }
    // Questions about runs are answered, and need no counting.
    hostile(subject::RUN).iter().for_each(|payload| intruder.publish(subject::RUN, payload));
    intruder.flush();
    wait_for("all of it to be counted", || (refused(&client, &node) == sent).then_some(()));
    assert_eq!(intruder.flush(), 0, "he was answered");
    assert!(!node.ask_json(&["config", "print", "--node", "test"]).as_array().unwrap().is_empty());
    assert!(node.ask_json(&["run", "list"]).as_array().unwrap().is_empty());
    assert!(node.ask_json(&["job", "list"]).as_array().unwrap().is_empty());

    let url = server.url();
    let words = ["submit", "--nats", &url, "--command", "true", "--wait"];
    let output = cronbus(&node.data()).args(words).env("CRONBUS_CLUSTER__KEY", KEY).output().unwrap();
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stderr), node.log());
    assert_eq!(node.ask_json(&["run", "list"]).as_array().unwrap().len(), 1);
}
