//! Whose name it is: nodes that start again, nodes of the same name, nodes whose record somebody else took.

use std::time::Instant;

use cronbus_core::port::Membership;
use cronbus_core::port::membership::{Error, Member};
use cronbus_core::suite::membership::{described, member};

use super::harness::{LEASE, SHORT, bare, connect, node, shared_url, until, until_seen};

/// The same node after it was started again.
fn next_life(name: &str) -> Member {
    Member { pid: 2, address: "127.0.0.1:2".to_owned(), ..member(name) }
}

#[tokio::test]
async fn a_node_that_starts_again_does_not_wait_for_its_own_lease() {
    let url = shared_url();
    let observer = node(&url, "observer").await;
    let first = node(&url, "data-1").await;
    first.join(member("one")).await.unwrap();
    let former = first.lease().unwrap();
    drop(first);
    let second = node(&url, "data-1").await;
    let started = Instant::now();
    second.join(next_life("one")).await.unwrap();
    assert!(started.elapsed() < LEASE, "it waited for its own leftover");
    assert!(second.lease().is_some_and(|lease| lease != former), "a new life has a new lease");
    assert_eq!(described(&until_seen(&observer, &["one"]).await), [next_life("one")]);
}

#[tokio::test]
async fn another_living_node_keeps_its_name() {
    let url = shared_url();
    let first = node(&url, "data-1").await;
    first.join(member("one")).await.unwrap();
    let second = node(&url, "data-2").await;
    let refused = second.join(next_life("one")).await.unwrap_err();
    assert!(matches!(&refused, Error::NameTaken { address, .. } if *address == member("one").address), "{refused}");
    assert!(first.holds_lease() && !second.holds_lease());
}

#[tokio::test]
async fn what_another_node_left_is_waited_for() {
    let url = shared_url();
    let first = connect(&url, "data-1", SHORT).await.unwrap();
    first.join(member("one")).await.unwrap();
    drop(first);
    let second = connect(&url, "data-2", SHORT).await.unwrap();
    second.join(next_life("one")).await.unwrap();
    assert_eq!(described(&until_seen(&second, &["one"]).await), [next_life("one")]);
}

#[tokio::test]
async fn a_node_whose_identity_was_copied_stops_and_does_not_fight() {
    let url = shared_url();
    let original = node(&url, "data-1").await;
    original.join(member("one")).await.unwrap();
    let copy = node(&url, "data-1").await;
    copy.join(next_life("one")).await.unwrap();
    until("the original has stopped", || !original.holds_lease()).await;
    assert_eq!(described(&until_seen(&copy, &["one"]).await), [next_life("one")]);
    assert!(copy.holds_lease());
}

#[tokio::test]
async fn a_record_that_somebody_deleted_comes_back() {
    let url = shared_url();
    let one = node(&url, "data-1").await;
    one.join(member("one")).await.unwrap();
    let (lease, revision) = (one.lease(), one.snapshot().revision);
    let prefix = url.rsplit('/').next().unwrap();
    bare(&url).await.delete(format!("/{prefix}/nodes/one"), None).await.unwrap();
    until("it is registered anew", || one.lease().is_some() && one.lease() != lease).await;
    until("it is seen again", || one.snapshot().revision > revision && one.snapshot().members.len() == 1).await;
}
