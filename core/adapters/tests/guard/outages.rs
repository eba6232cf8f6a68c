//! The server forgets, dies, hangs: claims fail fast, are granted again, and never answered wrongly.

use std::time::{Duration, Instant};

use cronbus_core::port::Guard;
use cronbus_core::port::health::Condition;
use cronbus_servers::{Kind, Proxy, Server};

use super::harness::{bare, claim, connect, patient, until_it_answers};

/// What a test waits for an answer; a refusal at once must be much faster.
const TIMEOUT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_server_that_forgets_everything_grants_again() {
    let server = Server::start(Kind::Redis).unwrap();
    let guard = patient(&server.url()).await;
    assert_eq!(claim(&guard, 0..3, "a").await.unwrap(), [true; 3]);
    let () = redis::cmd("FLUSHALL").query_async(&mut bare(&server.url()).await).await.unwrap();
    let () = redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut bare(&server.url()).await).await.unwrap();
    assert_eq!(claim(&guard, 0..3, "b").await.unwrap(), [true; 3]);
    assert_eq!(claim(&guard, 0..4, "a").await.unwrap(), [false, false, false, true]);
}

#[tokio::test]
async fn a_server_that_dies_is_found_again() {
    let mut server = Server::start(Kind::Redis).unwrap();
    let guard = patient(&server.url()).await;
    assert!(guard.health().is_up());
    claim(&guard, 0..3, "a").await.unwrap();
    server.kill().unwrap();
    assert_eq!(claim(&guard, 0..3, "a").await, None);
    assert_eq!(guard.health().state, Condition::Away);
    server.start_again().unwrap();
    until_it_answers(&guard).await;
    assert!(guard.health().is_up());
    assert_eq!(claim(&guard, 0..3, "b").await.unwrap(), [true; 3], "it had forgotten");
}

#[tokio::test]
async fn a_server_that_dies_unasked_is_noticed() {
    let mut server = Server::start(Kind::Redis).unwrap();
    let guard = patient(&server.url()).await;
    server.kill().unwrap();
    let deadline = Instant::now() + super::harness::DEADLINE;
    while guard.health().is_up() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_server_that_hangs_costs_one_timeout() {
    let server = Server::start(Kind::Redis).unwrap();
    let guard = connect(&server.url(), TIMEOUT).await.unwrap();
    until_it_answers(&guard).await;
    server.freeze().unwrap();
    assert_eq!(claim(&guard, 0..20_000, "a").await, None);
    let asked = Instant::now();
    for _ in 0..100 {
        assert_eq!(claim(&guard, 0..20_000, "a").await, None);
    }
    assert!(asked.elapsed() < TIMEOUT * 100, "who asks while it is away does not wait");
    server.thaw().unwrap();
    until_it_answers(&guard).await;
}

#[tokio::test]
async fn a_server_behind_a_broken_network_is_found_again() {
    let server = Server::start(Kind::Redis).unwrap();
    let proxy = Proxy::to(server.port()).unwrap();
    let guard = connect(&format!("redis://127.0.0.1:{}", proxy.port()), TIMEOUT).await.unwrap();
    until_it_answers(&guard).await;
    proxy.cut();
    assert_eq!(claim(&guard, 0..3, "a").await, None);
    proxy.heal();
    until_it_answers(&guard).await;
    // What was on its way arrived late; it was the same holder's.
    assert_eq!(claim(&guard, 0..3, "a").await.unwrap(), [true; 3]);
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let mut server = Server::start(Kind::Redis).unwrap();
    server.stop().unwrap();
    let guard = connect(&server.url(), TIMEOUT).await.unwrap();
    assert_eq!(claim(&guard, 0..3, "a").await, None);
    assert!(guard.health().detail.contains("still once"), "{:?}", guard.health());
    server.start_again().unwrap();
    until_it_answers(&guard).await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_away_until_it_does() {
    let server = Server::start(Kind::Redis).unwrap();
    let guard = connect(&server.url(), TIMEOUT).await.unwrap();
    until_it_answers(&guard).await;
    let mut bare = bare(&server.url()).await;
    let () = redis::cmd("REPLICAOF").arg("127.0.0.1").arg(1).query_async(&mut bare).await.unwrap();
    assert_eq!(claim(&guard, 0..3, "a").await, None);
    let () = redis::cmd("REPLICAOF").arg("NO").arg("ONE").query_async(&mut bare).await.unwrap();
    until_it_answers(&guard).await;
}
