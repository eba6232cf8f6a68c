//! What becomes of messages when the server dies, freezes, or is not there yet.

use cronbus_adapters::bus::NatsBus;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_servers::{Kind, Server};

use crate::harness::{bus, eventually, expect_all, node, numbered, options, publish_until_taken};

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_in_mid_stream() {
    let mut server = Server::start(Kind::Nats).unwrap();
    let (sender, receiver) = (bus(&server.url(), "sender").await, bus(&server.url(), "receiver").await);
    let at = Address::Executor(node("receiver"));
    let mut inbox = receiver.subscribe(&at).await.unwrap();
    let sending = async {
        let mut refusals = 0;
        for number in 1..=1500 {
            if number % 500 == 250 {
                server.kill().unwrap();
                refusals += publish_once_and_start_again(&mut server, &sender, &at).await;
            }
            refusals += publish_until_taken(&sender, &at, number).await;
        }
        refusals
    };
    let (refusals, ()) = futures::future::join(sending, expect_all(&mut *inbox, 1..=1500)).await;
    assert!(refusals > 0, "the outages were noticed");
    assert!(receiver.health().is_up() && sender.health().is_up());
}

async fn publish_once_and_start_again(server: &mut Server, sender: &NatsBus, at: &Address) -> u32 {
    let refused = sender.publish(at, numbered(9999)).await;
    server.start_again().unwrap();
    u32::from(refused.is_err())
}

#[tokio::test]
async fn what_was_taken_before_a_crash_of_the_server_waits_for_its_receiver() {
    let mut server = Server::start(Kind::Nats).unwrap();
    let sender = bus(&server.url(), "sender").await;
    let at = Address::Dispatcher(node("later"));
    for number in 1..=100 {
        sender.publish(&at, numbered(number)).await.unwrap();
    }
    server.kill().unwrap();
    server.start_again().unwrap();
    let receiver = bus(&server.url(), "later").await;
    let mut inbox = receiver.subscribe(&at).await.unwrap();
    expect_all(&mut *inbox, 1..=100).await;
}

#[tokio::test]
async fn a_frozen_server_is_noticed_and_after_it_all_goes_on() {
    let server = Server::start(Kind::Nats).unwrap();
    let bus = bus(&server.url(), "cold").await;
    let at = Address::Control(node("cold"));
    let mut inbox = bus.subscribe(&at).await.unwrap();
    bus.publish(&at, numbered(1)).await.unwrap();
    expect_all(&mut *inbox, 1..=1).await;
    server.freeze().unwrap();
    let error = bus.publish(&at, numbered(2)).await.unwrap_err();
    assert!(error.is_retryable());
    eventually("it is told", async || !bus.health().is_up()).await;
    server.thaw().unwrap();
    publish_until_taken(&bus, &at, 3).await;
    expect_all(&mut *inbox, 3..=3).await;
    eventually("it is told", async || bus.health().is_up()).await;
}

#[tokio::test]
async fn a_node_starts_without_its_server_and_works_once_it_is_there() {
    let mut server = Server::start(Kind::Nats).unwrap();
    server.kill().unwrap();
    let bus = NatsBus::connect(options(&server.url(), "early")).await.unwrap();
    let at = Address::Control(node("early"));
    assert!(bus.publish(&at, numbered(1)).await.unwrap_err().is_retryable());
    assert!(bus.subscribe(&at).await.unwrap_err().is_retryable());
    assert!(!bus.health().is_up());
    server.start_again().unwrap();
    publish_until_taken(&bus, &at, 2).await;
    let mut inbox = bus.subscribe(&at).await.unwrap();
    expect_all(&mut *inbox, 2..=2).await;
}
