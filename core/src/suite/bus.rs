//! What [`Bus`] promises. Messages may arrive twice and in any order, so only what must arrive is looked at.

use std::time::Duration;

use crate::id::{NodeName, RunId};
use crate::port::Bus;
use crate::port::bus::{Address, Inbox};
use crate::time::Timestamp;
use crate::wire::{Control, Message};

const PATIENCE: Duration = Duration::from_secs(30);

/// All of it. Uses addresses of the nodes `suite-1` to `suite-4`.
pub async fn keeps_its_contract(bus: &dyn Bus) {
    what_was_sent_before_anybody_listened_arrives(bus).await;
    every_address_is_a_place_of_its_own(bus).await;
    the_newest_receiver_takes_over(bus).await;
    who_waits_is_woken(bus).await;
}

fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

fn numbered(number: i64) -> Message {
    Message::Control(vec![Control::Acknowledge { runs: vec![RunId::floor(Timestamp::from_millis(number))] }])
}

/// Receives until everything expected has come, whatever comes besides or again.
async fn expect_all(inbox: &mut dyn Inbox, numbers: impl Iterator<Item = i64>) {
    let mut missing: Vec<Message> = numbers.map(numbered).collect();
    while !missing.is_empty() {
        let message = tokio::time::timeout(PATIENCE, inbox.receive()).await.expect("in time").expect("open");
        missing.retain(|expected| *expected != message);
    }
}

async fn what_was_sent_before_anybody_listened_arrives(bus: &dyn Bus) {
    let address = Address::Executor(node("suite-1"));
    for number in 1..=50 {
        bus.publish(&address, numbered(number)).await.unwrap();
    }
    let mut inbox = bus.subscribe(&address).await.unwrap();
    expect_all(&mut *inbox, 1..=50).await;
    bus.publish(&address, numbered(51)).await.unwrap();
    expect_all(&mut *inbox, 51..=51).await;
}

async fn every_address_is_a_place_of_its_own(bus: &dyn Bus) {
    let addresses = [
        Address::Executor(node("suite-2")),
        Address::Control(node("suite-2")),
        Address::Dispatcher(node("suite-2")),
        Address::Dispatcher(node("suite-3")),
    ];
    let mut inboxes = Vec::new();
    for (number, address) in (1..).zip(&addresses) {
        inboxes.push(bus.subscribe(address).await.unwrap());
        bus.publish(address, numbered(number)).await.unwrap();
    }
    for (number, inbox) in (1..).zip(&mut inboxes) {
        let first = tokio::time::timeout(PATIENCE, inbox.receive()).await.expect("in time");
        assert_eq!(first, Some(numbered(number)));
    }
}

async fn the_newest_receiver_takes_over(bus: &dyn Bus) {
    let address = Address::Executor(node("suite-4"));
    let mut old = bus.subscribe(&address).await.unwrap();
    bus.publish(&address, numbered(1)).await.unwrap();
    expect_all(&mut *old, 1..=1).await;
    let waiting = async { while old.receive().await.is_some() {} };
    let taking_over = async {
        let mut new = bus.subscribe(&address).await.unwrap();
        bus.publish(&address, numbered(2)).await.unwrap();
        expect_all(&mut *new, 2..=2).await;
        new
    };
    let both = futures::future::join(waiting, taking_over);
    let ((), mut new) = tokio::time::timeout(PATIENCE, both).await.expect("the old receiver learns that it is one");
    bus.publish(&address, numbered(3)).await.unwrap();
    expect_all(&mut *new, 3..=3).await;
}

async fn who_waits_is_woken(bus: &dyn Bus) {
    let address = Address::Dispatcher(node("suite-4"));
    let mut inbox = bus.subscribe(&address).await.unwrap();
    let sending = async {
        for number in 1..=200 {
            bus.publish(&address, numbered(number)).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    futures::future::join(expect_all(&mut *inbox, 1..=200), sending).await;
}
