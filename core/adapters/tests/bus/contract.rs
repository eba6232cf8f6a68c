//! What every bus promises, and what this one promises besides.

use cronbus_core::id::JobId;
use cronbus_core::job::{Command, Definition, Job, JobName};
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_core::suite::{self, samples};
use cronbus_core::time::Timestamp;
use cronbus_core::wire::{AssignmentBatch, Handover, Message};
use std::sync::Arc;

use crate::harness::{PATIENCE, bus, eventually, expect_all, node, number, numbered, options, url};
use cronbus_adapters::bus::{Limits, NatsBus};

#[tokio::test]
async fn keeps_the_contract_of_buses() {
    suite::bus::keeps_its_contract(&*bus(&url(), "suite").await).await;
}

#[tokio::test]
async fn nodes_reach_each_other_and_a_restarted_one_takes_its_place() {
    let at = Address::Executor(node("place.lan"));
    let (sender, first) = (bus(&url(), "sender").await, bus(&url(), "place.lan").await);
    let mut old = first.subscribe(&at).await.unwrap();
    sender.publish(&at, numbered(1)).await.unwrap();
    expect_all(&mut *old, 1..=1).await;
    let second = bus(&url(), "place.lan").await;
    let mut new = second.subscribe(&at).await.unwrap();
    sender.publish(&at, numbered(2)).await.unwrap();
    expect_all(&mut *new, 2..=2).await;
    assert!(tokio::time::timeout(PATIENCE, old.receive()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_not_handed_over_is_given_to_the_successor() {
    let at = Address::Control(node("heir"));
    let bus = bus(&url(), "heir").await;
    let mut inbox = bus.subscribe(&at).await.unwrap();
    for number in 1..=20 {
        bus.publish(&at, numbered(number)).await.unwrap();
    }
    let first = number(&inbox.receive().await.unwrap());
    drop(inbox);
    let mut inbox = bus.subscribe(&at).await.unwrap();
    expect_all(&mut *inbox, (1..=20).filter(|other| *other != first)).await;
}

fn batch(lines: usize, bytes: usize, sequence: u64) -> Message {
    let assignment = |id: i64| {
        let command = Command::shell(&"x".repeat(bytes));
        let definition = Definition::new(JobName::new(&format!("job-{id}")).unwrap(), command);
        let at = Timestamp::from_millis(id);
        let job = Arc::new(Job::added(JobId(id), Arc::new(definition), "ann", at));
        samples::assignment(&job, at, Handover(id))
    };
    let assignments = (1..=i64::try_from(lines).unwrap()).map(assignment).collect();
    let (from_life, to_life) = (Timestamp::from_millis(1), Timestamp::from_millis(2));
    Message::Assign(AssignmentBatch { from: node("sender"), from_life, to_life, sequence, sent_at: None, assignments })
}

#[tokio::test]
async fn batches_larger_than_a_message_of_the_server_arrive_whole() {
    let at = Address::Executor(node("large"));
    let bus = bus(&url(), "large").await;
    let mut inbox = bus.subscribe(&at).await.unwrap();
    let large = [batch(500, 9_000, 1), batch(1, 10, 2), batch(300, 20_000, 3)];
    let sending = async {
        let all = large.iter().map(|message| bus.publish(&at, message.clone()));
        futures::future::try_join_all(all).await.unwrap();
    };
    let receiving = async {
        let mut missing: Vec<&Message> = large.iter().collect();
        while !missing.is_empty() {
            let received = tokio::time::timeout(PATIENCE, inbox.receive()).await.unwrap().unwrap();
            missing.retain(|expected| **expected != received);
        }
    };
    futures::future::join(sending, receiving).await;
}

#[tokio::test]
async fn a_batch_sent_again_is_dropped_by_the_server() {
    let at = Address::Executor(node("again"));
    let bus = bus(&url(), "again").await;
    for _ in 0..3 {
        bus.publish(&at, batch(1, 10, 1)).await.unwrap();
    }
    bus.publish(&at, numbered(2)).await.unwrap();
    let mut inbox = bus.subscribe(&at).await.unwrap();
    assert_eq!(inbox.receive().await, Some(batch(1, 10, 1)));
    assert_eq!(inbox.receive().await, Some(numbered(2)));
}

#[tokio::test]
async fn too_much_for_one_node_makes_its_senders_wait_and_nobody_else() {
    let server = cronbus_servers::Server::start(cronbus_servers::Kind::Nats).unwrap();
    let few = Limits { max_waiting: 10, ..options(&server.url(), "x").limits };
    let bus = NatsBus::connect(cronbus_adapters::bus::Options { limits: few, ..options(&server.url(), "few") }).await;
    let bus = bus.unwrap();
    let (slow, quick) = (Address::Executor(node("slow")), Address::Executor(node("quick")));
    for number in 1..=10 {
        bus.publish(&slow, numbered(number)).await.unwrap();
    }
    let eleventh = async { bus.publish(&slow, numbered(11)).await.unwrap() };
    let others = async {
        eventually("it waits", async || bus.counters()["waited"] > 0).await;
        bus.publish(&quick, numbered(1)).await.unwrap();
        let mut inbox = bus.subscribe(&slow).await.unwrap();
        expect_all(&mut *inbox, 1..=11).await;
    };
    futures::future::join(eleventh, others).await;
    let away = Address::Executor(node("away"));
    for number in 1..=10 {
        bus.publish(&away, numbered(number)).await.unwrap();
    }
    let refused = bus.publish(&away, numbered(11)).await.unwrap_err();
    assert!(refused.is_retryable() && refused.reason.contains("bus.max_waiting"), "{refused}");
}
