//! What becomes of output when the server dies, or the host.

use cronbus_core::suite::log::subject;
use cronbus_servers::{Kind, Server};

use crate::harness::{Host, all, at, eventually, follow, lines, write};

#[tokio::test]
async fn nothing_is_missing_after_a_server_died_while_a_run_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(Kind::Nats).unwrap();
    let (near, far) = (
        Host::start(&server.url(), "near", folder.path()).await,
        Host::start(&server.url(), "far", folder.path()).await,
    );
    let subject = subject("outage", 1_795_338_000, 31);
    let mut writer = write(&*near.log, &subject, &lines(0, 10, 5_000)).await;
    let (log, followed) = (far.log.clone(), at(&subject, "near"));
    let following = tokio::spawn(async move { follow(&*log, &followed).await });
    for round in 1..=3 {
        eventually("something is sent", async || near.sent() > round - 1).await;
        server.kill().unwrap();
        // It prints on: who writes waits for nobody.
        for part in 0..10 {
            writer.append(&lines(10 + 100 * (round - 1) + 10 * part, 10, 5_000)).await.unwrap();
        }
        server.start_again().unwrap();
    }
    writer.close().await.unwrap();
    let expected = lines(0, 310, 5_000);
    assert!(following.await.unwrap() == expected, "in order, nothing missing, nothing twice");
    near.settle().await;
    drop(near);
    let excerpt = all(&*far.log, &subject).await;
    assert!(excerpt.complete && excerpt.chunks == expected);
}

#[tokio::test]
async fn what_was_printed_while_no_server_was_there_is_sent_by_the_next_life() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(Kind::Nats).unwrap();
    server.kill().unwrap();
    let near = Host::start(&server.url(), "near", folder.path()).await;
    let (closed, open) = (subject("closed", 1_795_338_000, 32), subject("open", 1_795_338_000, 33));
    write(&*near.log, &closed, &lines(0, 30, 5_000)).await.close().await.unwrap();
    let writer = write(&*near.log, &open, &lines(0, 3, 10)).await;
    assert!(!near.log.settle(std::time::Duration::ZERO).await);
    std::mem::forget(writer);
    drop(near);
    server.start_again().unwrap();
    let near = Host::start(&server.url(), "near", folder.path()).await;
    near.settle().await;
    let far = Host::start(&server.url(), "far", folder.path()).await;
    drop(near);
    let excerpt = all(&*far.log, &closed).await;
    assert!(excerpt.complete && excerpt.chunks == lines(0, 30, 5_000));
    let excerpt = all(&*far.log, &open).await;
    assert!(excerpt.complete && excerpt.chunks[..3] == lines(0, 3, 10) && excerpt.chunks.len() == 4);
}

#[tokio::test]
async fn a_life_goes_on_where_the_one_before_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Kind::Nats).unwrap();
    let near = Host::start(&server.url(), "near", folder.path()).await;
    let subject = subject("resumed", 1_795_338_000, 34);
    let writer = write(&*near.log, &subject, &lines(0, 40, 5_000)).await;
    eventually("most is sent", async || near.sent() >= 3).await;
    std::mem::forget(writer);
    drop(near);
    let near = Host::start(&server.url(), "near", folder.path()).await;
    near.settle().await;
    assert!(near.sent() <= 2, "{} messages were sent again", near.sent());
    let far = Host::start(&server.url(), "far", folder.path()).await;
    let excerpt = all(&*far.log, &subject).await;
    assert!(excerpt.complete && excerpt.chunks[..40] == lines(0, 40, 5_000) && excerpt.chunks.len() == 41);
}
