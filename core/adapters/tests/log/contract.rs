//! What a log promises, when it is written on one host and read on another.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::job::{JobName, LogKeep};
use cronbus_core::port::Log;
use cronbus_core::port::log::{Error, Excerpt, Lack, Stream, Subject, Tail, Writer};
use cronbus_core::suite;
use cronbus_core::suite::log::{chunk, subject};
use cronbus_core::time::Timestamp;

use crate::harness::{Host, all, at, eventually, follow, lines, url, write};

/// Written here, read there.
#[derive(Debug)]
struct Across {
    here: Host,
    there: Host,
}

#[async_trait]
impl Log for Across {
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, Error> {
        self.here.log.open(subject).await
    }

    async fn read(&self, subject: &Subject, from: u64, limit: usize) -> Result<Excerpt, Error> {
        // What was read of the stream may be the whole of it, and more on the host: asked for at once, as followers do.
        let first = self.there.log.read(&at(subject, "here"), from, limit).await?;
        let bytes: usize = first.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        if first.complete || bytes >= limit {
            return Ok(first);
        }
        let rest = self.there.log.read(&at(subject, "here"), first.next, limit - bytes).await?;
        let chunks = first.chunks.into_iter().chain(rest.chunks).collect();
        Ok(Excerpt { chunks, ..rest })
    }

    async fn wait(&self, subject: &Subject, from: u64) {
        self.there.log.wait(&at(subject, "here"), from).await;
    }

    async fn prune(&self, now: Timestamp, age: Duration) -> Result<u64, Error> {
        self.here.log.prune(now, age).await
    }
}

#[tokio::test]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) =
        (Host::start(&url(), "here", folder.path()).await, Host::start(&url(), "there", folder.path()).await);
    suite::log::check_reading(&Across { here, there }).await;
}

#[tokio::test]
async fn what_is_printed_is_followed_from_its_beginning_and_read_when_the_host_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (near, far) =
        (Host::start(&url(), "near", folder.path()).await, Host::start(&url(), "far", folder.path()).await);
    let subject = subject("follow", 1_795_338_000, 21);
    let mut writer = write(&*near.log, &subject, &lines(0, 3, 10)).await;
    let log = Arc::clone(&far.log);
    let followed = at(&subject, "near");
    let following = tokio::spawn(async move { follow(&*log, &followed).await });
    for round in 1..20 {
        writer.append(&lines(3 * round, 3, 10_000)).await.unwrap();
        tokio::task::yield_now().await;
    }
    writer.finish(&[chunk(60, Stream::Stderr, b"\xff last")]).await.unwrap();
    let expected: Vec<_> = lines(0, 3, 10)
        .into_iter()
        .chain(lines(3, 57, 10_000))
        .chain([chunk(60, Stream::Stderr, b"\xff last")])
        .collect();
    assert!(following.await.unwrap() == expected, "in order, nothing missing, nothing twice");
    near.settle().await;
    drop(near);
    // Nobody is asked: whoever wrote it is in the stream.
    let excerpt = all(&*far.log, &subject).await;
    assert!(excerpt.complete && excerpt.chunks == expected);
    let part = far.log.read(&subject, 58, 1).await.unwrap();
    assert_eq!((part.chunks.len(), part.next), (1, 59));
}

#[tokio::test]
async fn few_messages_are_made_and_none_of_what_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(&url(), "thrifty", folder.path()).await;
    for number in 0..50 {
        let subject = subject("silent", 1_795_338_000, 100 + number);
        host.log.open(&subject).await.unwrap().close().await.unwrap();
    }
    host.settle().await;
    assert_eq!(host.sent(), 0);
    for number in 0..20 {
        let subject = subject("short", 1_795_338_000, 200 + number);
        let mut writer = host.log.open(&subject).await.unwrap();
        writer.finish(&lines(0, 5, 100)).await.unwrap();
    }
    host.settle().await;
    assert_eq!(host.sent(), 20, "one message for each short run");
    let subject = subject("chatty", 1_795_338_000, 300);
    let mut writer = host.log.open(&subject).await.unwrap();
    for number in 0..2_000 {
        writer.append(&lines(number, 1, 20)).await.unwrap();
    }
    writer.close().await.unwrap();
    host.settle().await;
    assert!(host.sent() < 20 + 2_000 / 10, "{} messages for 2000 lines", host.sent() - 20);
}

#[tokio::test]
async fn the_tail_that_is_not_kept_yet_is_shown_elsewhere_too() {
    let folder = tempfile::tempdir().unwrap();
    let (near, far) =
        (Host::start(&url(), "holder", folder.path()).await, Host::start(&url(), "looker", folder.path()).await);
    let subject = subject("tail", 1_795_338_000, 22);
    let mut writer = write(&*near.log, &subject, &lines(0, 2, 10)).await;
    writer.show(Tail { oldest: 3, chunks: lines(3, 2, 10) });
    let sent_before = near.sent();
    let numbers = async |from| {
        let mut seen = Vec::new();
        let mut next = from;
        eventually("the tail is shown", async || {
            let part = far.log.read(&at(&subject, "holder"), next, 1000).await.unwrap();
            next = part.next;
            seen.extend(part.chunks.into_iter().map(|chunk| chunk.sequence));
            seen.last().is_some_and(|last| *last >= 4)
        })
        .await;
        seen
    };
    assert_eq!(numbers(0).await, [0, 1, 3, 4]);
    for _ in 0..100 {
        writer.show(Tail { oldest: 3, chunks: Vec::new() });
    }
    writer.show(Tail { oldest: 9, chunks: lines(9, 1, 10) });
    assert_eq!(numbers(5).await, [8, 9], "it is said that something is missing");
    writer.finish(&lines(2, 1, 10)).await.unwrap();
    near.settle().await;
    assert!(near.sent() - sent_before <= 4, "what is shown only is not sent: {} messages", near.sent() - sent_before);
}

#[tokio::test]
async fn it_is_said_why_a_log_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (near, far) =
        (Host::start(&url(), "gone", folder.path()).await, Host::start(&url(), "left", folder.path()).await);
    let nothing = at(&subject("nothing", 1_795_338_000, 23), "gone");
    assert!(matches!(far.log.read(&nothing, 0, 10).await, Err(Error::NotFound { .. })));
    let cut = subject("cut", 1_795_338_000, 24);
    let writer = write(&*near.log, &cut, &lines(0, 2, 10)).await;
    eventually("it is sent", async || near.sent() > 0).await;
    std::mem::forget(writer);
    drop(near);
    assert!(matches!(far.log.read(&nothing, 0, 10).await, Err(Error::HostAway { .. })), "nobody knows");
    let excerpt = all(&*far.log, &at(&cut, "gone")).await;
    assert_eq!((&excerpt.chunks[..2], excerpt.complete), (&lines(0, 2, 10)[..], false));
    assert_eq!(excerpt.lack, Some(Lack::HostAway { node: Host::node("gone") }));
    // Another life of the host says that the end is missing.
    let again = Host::start(&url(), "gone", folder.path()).await;
    again.settle().await;
    let excerpt = all(&*far.log, &at(&cut, "gone")).await;
    let last = excerpt.chunks.last().unwrap();
    assert!(excerpt.complete && last.stream == Stream::System, "{excerpt:?}");
    assert!(String::from_utf8_lossy(&last.bytes).contains("what came after it is not known"));
}

#[tokio::test]
async fn what_goes_by_its_jobs_rule_goes_from_the_stream_too() {
    const DUE_S: i64 = 1_795_338_000;
    let folder = tempfile::tempdir().unwrap();
    let (near, far) =
        (Host::start(&url(), "sweeper", folder.path()).await, Host::start(&url(), "reader", folder.path()).await);
    let job = JobName::new("brief").unwrap();
    near.log.keep(&job, LogKeep { keep: None, last: Some(1) }).await.unwrap();
    let runs = [subject("brief", DUE_S, 51), subject("brief", DUE_S + 60, 52), subject("other", DUE_S, 53)];
    for subject in &runs {
        write(&*near.log, subject, &lines(0, 3, 10)).await.close().await.unwrap();
    }
    near.settle().await;
    for subject in &runs {
        assert_eq!(all(&*far.log, &at(subject, "sweeper")).await.chunks.len(), 3);
    }
    let (now, age) = (Timestamp::from_seconds(DUE_S + 120), Duration::from_secs(86_400));
    assert_eq!(near.log.prune(now, age).await.unwrap(), 1);
    for (subject, is_there) in runs.iter().zip([false, true, true]) {
        let read = far.log.read(&at(subject, "sweeper"), 0, 1000).await;
        assert_eq!(read.is_ok_and(|part| part.chunks.len() == 3), is_there, "{subject:?}");
    }
}
