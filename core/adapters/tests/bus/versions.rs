//! Releases side by side: what an earlier one wrote is taken, what a later one adds is passed over, what only a later one
//! understands is refused with the reason, and nobody stops receiving.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_core::time::Timestamp;
use cronbus_core::wire::signing::{Keyring, Stamp};
use cronbus_core::wire::{encoding, subject};
use cronbus_servers::{Kind, Server};
use futures::StreamExt;

use crate::harness::{bus, clock, eventually, key, node, number, numbered};

/// Controls as release 0.1.0 wrote them.
const EARLIER: &str = include_str!("../../../../bins/tests/compatibility/recorded/0.1.0/messages/controls.hex");

fn earlier() -> Vec<u8> {
    let digits: Vec<u8> = EARLIER.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[tokio::test]
async fn releases_that_follow_each_other_understand_each_other() {
    let server = Server::start(Kind::Nats).unwrap();
    let bus = bus(&server.url(), "here").await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let stream = jetstream::new(client.clone());
    let mut letters = client.subscribe(subject::REJECTED).await.unwrap();
    client.flush().await.unwrap();
    let at = Address::Control(node("here"));
    let mut inbox = bus.subscribe(&at).await.unwrap();
    let on = subject::of(&at);
    let (life, expires_at) = (clock().now(), Timestamp::from_millis(clock().now().millis() + 60_000));
    let sealed = |sequence: u64, content: &[u8]| {
        let stamp = Stamp { sender: node("there"), life, sequence, expires_at, part: 0, parts: 1 };
        Keyring::of(key()).seal(&on, &stamp, content)
    };
    let mut of_a_later_layout = sealed(1, b"x");
    of_a_later_layout[3] = 2;
    let more = [&encoding::encode(&numbered(1)).unwrap()[..], &[200, 0, 0, 0, 1, 7]].concat();
    let messages = [
        of_a_later_layout,
        sealed(2, &[9, 1, 2]),
        sealed(3, &[&[0][..], br#"{"kind":"later","body":{}}"#].concat()),
        sealed(4, &earlier()),
        sealed(5, &more),
        sealed(6, &encoding::encode(&numbered(2)).unwrap()),
    ];
    for message in messages {
        stream.publish(on.clone(), message.into()).await.unwrap().await.unwrap();
    }
    let taken = inbox.receive().await.unwrap();
    assert_eq!(taken, encoding::decode(&earlier()).unwrap().message);
    assert_eq!([number(&inbox.receive().await.unwrap()), number(&inbox.receive().await.unwrap())], [1, 2]);
    let expected = BTreeMap::from([("version", 1), ("unreadable", 2)]);
    eventually("the later ones are counted", async || *bus.figures().refused() == expected).await;
    for says in ["update the node", "update the node", "later"] {
        let letter = tokio::time::timeout(Duration::from_secs(60), letters.next()).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&letter.payload).into_owned();
        assert!(text.contains(says), "{text}");
    }
}
