//! Somebody who may publish to every subject, and does not have the key: nothing of it gets through, everything is
//! counted, and those who have the key are served on.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream;
use cronbus_adapters::bus::NatsBus;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_core::wire::signing::{Key, Keyring, Stamp};
use cronbus_core::wire::{encoding, subject};
use cronbus_servers::{Kind, Server};
use futures::StreamExt;

use crate::harness::{bus, clock, eventually, expect_all, key, node, number, numbered};

fn stamp(sequence: u64, lifetime: i64) -> Stamp {
    let expires_at = cronbus_core::time::Timestamp::from_millis(clock().now().millis() + lifetime * 1000);
    Stamp { sender: node("victim"), life: clock().now(), sequence, expires_at, part: 0, parts: 1 }
}

fn hostile(subject: &str) -> Vec<(&'static str, Vec<u8>)> {
    let kill = encoding::encode(&numbered(666)).unwrap();
    let genuine = Keyring::of(key());
    let forged = Keyring::of(Key::new(&[8; 32]));
    let mut damaged = genuine.seal(subject, &stamp(1, 60), &kill);
    damaged[50] ^= 1;
    let mut later = genuine.seal(subject, &stamp(1, 60), &kill);
    later[3] = 99;
    vec![
        ("malformed", b"rm -rf /".to_vec()),
        ("malformed", br#"{"kind":"assign"}"#.to_vec()),
        ("malformed", Vec::new()),
        ("oversized", vec![b'x'; 900_000]),
        ("unknown_key", forged.seal(subject, &stamp(1, 60), &kill)),
        ("signature", genuine.seal("cronbus.v1.control.other", &stamp(1, 60), &kill)),
        ("signature", damaged),
        ("version", later),
        ("expired", genuine.seal(subject, &stamp(1, -60), &kill)),
        ("expired", genuine.seal(subject, &stamp(1, 200_000), &kill)),
        ("unreadable", genuine.seal(subject, &stamp(1, 60), &[99, 1, 2])),
        ("unreadable", genuine.seal(subject, &stamp(2, 60), b"")),
    ]
}

/// Returns once the server has done all that this client has asked for: it answers in order, and a flush only writes.
async fn until_heard(client: &async_nats::Client) {
    let subject = client.new_inbox();
    let mut echo = client.subscribe(subject.clone()).await.unwrap();
    client.publish(subject, "anybody there?".into()).await.unwrap();
    echo.next().await.unwrap();
}

fn refused(bus: &NatsBus) -> BTreeMap<&'static str, u64> {
    bus.figures().refused().clone()
}

#[tokio::test]
async fn an_intruder_gets_nothing_through_and_stops_nobody() {
    let server = Server::start(Kind::Nats).unwrap();
    let bus = bus(&server.url(), "victim").await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let stream = jetstream::new(client.clone());
    let mut letters = client.subscribe(subject::REJECTED).await.unwrap();
    until_heard(&client).await;
    let victim = node("victim");
    let addresses = [Address::Executor, Address::Control, Address::Dispatcher, Address::Scheduler];
    let addresses = addresses.map(|address| address(victim.clone()));
    let mut expected = BTreeMap::<&str, u64>::new();
    for at in &addresses {
        let mut inbox = bus.subscribe(at).await.unwrap();
        let subject = subject::of(at);
        let mut wiretap = client.subscribe(subject.clone()).await.unwrap();
        // The server has to know of it before there is anything to overhear.
        until_heard(&client).await;
        bus.publish(at, numbered(1)).await.unwrap();
        let overheard = wiretap.next().await.unwrap().payload;
        expect_all(&mut *inbox, 1..=1).await;
        for payload in [overheard.clone(), overheard] {
            *expected.entry("replayed").or_default() += 1;
            stream.publish(subject.clone(), payload).await.unwrap().await.unwrap();
        }
        for (kind, payload) in hostile(&subject) {
            *expected.entry(kind).or_default() += 1;
            stream.publish(subject.clone(), payload.into()).await.unwrap().await.unwrap();
        }
        bus.publish(at, numbered(2)).await.unwrap();
        assert_eq!(number(&inbox.receive().await.unwrap()), 2, "nothing came in between");
    }
    eventually("all of it is counted", async || refused(&bus) == expected).await;
    let total: u64 = expected.values().sum();
    for _ in 0..total {
        let letter = tokio::time::timeout(Duration::from_secs(10), letters.next()).await.unwrap().unwrap();
        let letter: serde_json::Value = serde_json::from_slice(&letter.payload).unwrap();
        assert!(expected.contains_key(letter["kind"].as_str().unwrap()), "{letter}");
        assert!(letter["reason"].as_str().unwrap().len() > 5 && letter["node"] == "victim", "{letter}");
    }
}

#[tokio::test]
async fn a_copy_right_behind_its_original_is_refused() {
    let server = Server::start(Kind::Nats).unwrap();
    let bus = bus(&server.url(), "victim").await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let at = Address::Control(node("victim"));
    let mut wiretap = client.subscribe(subject::of(&at)).await.unwrap();
    until_heard(&client).await;
    bus.publish(&at, numbered(1)).await.unwrap();
    let overheard = wiretap.next().await.unwrap().payload;
    for _ in 0..50 {
        client.publish(subject::of(&at), overheard.clone()).await.unwrap();
    }
    client.flush().await.unwrap();
    bus.publish(&at, numbered(2)).await.unwrap();
    let mut inbox = bus.subscribe(&at).await.unwrap();
    assert_eq!(number(&inbox.receive().await.unwrap()), 1);
    assert_eq!(number(&inbox.receive().await.unwrap()), 2);
    // The server takes what two clients send in any order: some copies may come behind the second message.
    let all = BTreeMap::from([("replayed", 50)]);
    eventually("every copy is refused", async || refused(&bus) == all).await;
}
