//! The register dies, hangs, forgets, or cannot be reached.

use cronbus_core::port::Membership;
use cronbus_core::port::health::Condition;
use cronbus_core::port::membership::Error;
use cronbus_core::suite::membership::{member, names};
use cronbus_servers::{Kind, Proxy, Server};

use super::harness::{LEASE, SHORT, bare, connect, node, until, until_seen};

#[tokio::test]
async fn a_register_that_dies_is_found_again_and_nobody_was_gone() {
    let mut server = Server::start(Kind::Etcd).unwrap();
    let (a, b) = (node(&server.url(), "a").await, node(&server.url(), "b").await);
    a.join(member("a")).await.unwrap();
    b.join(member("b")).await.unwrap();
    let before = until_seen(&a, &["a", "b"]).await;
    server.kill().unwrap();
    until("it is known to be away", || a.health().state == Condition::Away).await;
    assert_eq!(a.snapshot(), before, "the members last heard of");
    let refused = a.join(member("a")).await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable { .. }) && refused.is_retryable(), "{refused}");
    server.start_again().unwrap();
    until("it is back", || a.health().is_up() && b.health().is_up()).await;
    until("both may act", || a.holds_lease() && b.holds_lease()).await;
    b.leave().await.unwrap();
    until_seen(&a, &["a"]).await;
}

#[tokio::test]
async fn a_register_that_hangs_for_longer_than_the_lease_makes_nodes_stop_and_register_anew() {
    let server = Server::start(Kind::Etcd).unwrap();
    let a = connect(&server.url(), "a", SHORT).await.unwrap();
    a.join(member("a")).await.unwrap();
    for hangs in [SHORT, SHORT * 3] {
        let lease = a.lease();
        server.freeze().unwrap();
        until("it does not trust its lease any more", || !a.holds_lease()).await;
        tokio::time::sleep(hangs).await;
        assert!(!a.holds_lease());
        assert_eq!(names(&a.snapshot()), ["a"]);
        server.thaw().unwrap();
        until("it is registered again", || a.holds_lease()).await;
        until_seen(&a, &["a"]).await;
        // After a hang as short as the lease etcd may still know it.
        assert!(hangs == SHORT || a.lease() != lease, "what was ended elsewhere is not renewed");
    }
}

#[tokio::test]
async fn a_node_that_was_cut_off_knows_before_the_others_that_it_may_not_act() {
    let server = Server::start(Kind::Etcd).unwrap();
    let proxy = Proxy::to(server.port()).unwrap();
    let a = connect(&format!("etcd://127.0.0.1:{}", proxy.port()), "a", SHORT).await.unwrap();
    let observer = connect(&server.url(), "b", SHORT).await.unwrap();
    a.join(member("a")).await.unwrap();
    until_seen(&observer, &["a"]).await;
    let lease = a.lease();
    proxy.cut();
    until("the others see it no more, or it acts no more", || {
        let (acts, is_seen) = (a.holds_lease(), names(&observer.snapshot()) == ["a"]);
        assert!(is_seen || !acts, "others take over while it acts");
        !is_seen
    })
    .await;
    tokio::time::sleep(SHORT * 2).await;
    assert!(!a.holds_lease());
    proxy.heal();
    until_seen(&observer, &["a"]).await;
    until("it may act", || a.holds_lease()).await;
    assert_ne!(a.lease(), lease, "its former lease had ended");
}

#[tokio::test]
async fn a_register_that_was_compacted_under_a_watcher_is_read_anew() {
    let server = Server::start(Kind::Etcd).unwrap();
    let proxy = Proxy::to(server.port()).unwrap();
    let watcher = connect(&format!("etcd://127.0.0.1:{}", proxy.port()), "w", LEASE).await.unwrap();
    let other = node(&server.url(), "o").await;
    other.join(member("o")).await.unwrap();
    let before = until_seen(&watcher, &["o"]).await;
    proxy.cut();
    let mut bare = bare(&server.url()).await;
    other.leave().await.unwrap();
    other.join(member("p")).await.unwrap();
    let mut revision = 0;
    for _ in 0..20 {
        revision = bare.put("elsewhere", "x", None).await.unwrap().header().unwrap().revision();
    }
    bare.compact(revision, None).await.unwrap();
    proxy.reset();
    proxy.heal();
    let after = until_seen(&watcher, &["p"]).await;
    assert!(after.revision > before.revision);
    other.leave().await.unwrap();
    until_seen(&watcher, &[]).await;
}

#[tokio::test]
async fn the_next_endpoint_is_taken_when_one_hangs() {
    let (dead, server) = (Server::start(Kind::Etcd).unwrap(), Server::start(Kind::Etcd).unwrap());
    dead.freeze().unwrap();
    let url = format!("etcd://127.0.0.1:{},127.0.0.1:{}", dead.port(), server.port());
    let a = connect(&url, "a", SHORT).await.unwrap();
    until("the second one is reached", || a.health().is_up()).await;
    a.join(member("a")).await.unwrap();
    assert!(a.holds_lease());
}

#[tokio::test]
async fn a_register_that_is_not_there_yet_is_waited_for() {
    let mut server = Server::start(Kind::Etcd).unwrap();
    server.stop().unwrap();
    let a = node(&server.url(), "a").await;
    let refused = a.join(member("a")).await.unwrap_err();
    assert!(refused.is_retryable(), "{refused}");
    server.start_again().unwrap();
    until("it is there", || a.health().is_up()).await;
    a.join(member("a")).await.unwrap();
    assert!(a.holds_lease());
}
