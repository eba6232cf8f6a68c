//! What strangers put into the stream, and what the stream's limits take out of it.

use cronbus_core::config::ServiceUrl;
use cronbus_core::port::Bus;
use cronbus_core::port::log::Stream;
use cronbus_core::suite::log::subject;
use cronbus_core::wire::subject as subjects;
use cronbus_servers::{Kind, Server};

use crate::harness::{Host, all, lines, url, write};

#[tokio::test]
async fn what_was_not_signed_or_came_before_is_passed_over_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (near, far) =
        (Host::start(&url(), "signer", folder.path()).await, Host::start(&url(), "doubter", folder.path()).await);
    let subject = subject("forged", 1_795_338_000, 41);
    let client = async_nats::connect(url()).await.unwrap();
    let mut heard = client.subscribe(subjects::log_of(subject.run)).await.unwrap();
    client.publish(subjects::log_of(subject.run), "rubbish".into()).await.unwrap();
    client.flush().await.unwrap();
    let mut writer = write(&*near.log, &subject, &lines(0, 10, 10_000)).await;
    writer.close().await.unwrap();
    near.settle().await;
    // Everything once more, after the end.
    for _ in 0..=near.sent() {
        let message = futures::StreamExt::next(&mut heard).await.unwrap();
        client.publish(subjects::log_of(subject.run), message.payload).await.unwrap();
    }
    client.flush().await.unwrap();
    let excerpt = all(&*far.log, &subject).await;
    assert!(excerpt.chunks == lines(0, 10, 10_000) && excerpt.complete);
    assert!(far.bus.counters()["refused_malformed"] >= 1);
}

#[tokio::test]
async fn a_log_whose_beginning_was_removed_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Kind::Nats).unwrap();
    let near = Host::start(&server.url(), "near", folder.path()).await;
    let subject = subject("shortened", 1_795_338_000, 42);
    let mut writer = write(&*near.log, &subject, &lines(0, 40, 5_000)).await;
    writer.close().await.unwrap();
    near.settle().await;
    drop(near);
    let client = async_nats::connect(ServiceUrl::new(server.url()).as_str()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    context.get_stream("CRONBUS_LOG").await.unwrap().purge().keep(1).await.unwrap();
    let far = Host::start(&server.url(), "far", folder.path()).await;
    let excerpt = all(&*far.log, &subject).await;
    let first = &excerpt.chunks[0];
    assert!(first.stream == Stream::System && excerpt.complete);
    assert!(String::from_utf8_lossy(&first.bytes).contains("bus.log_max_age"), "{first:?}");
    assert_eq!(excerpt.chunks[1..], lines(0, 40, 5_000)[41 - excerpt.chunks.len()..]);
}
