//! What every log promises.

use std::time::Duration;

use crate::id::{Attempt, JobId, RunId, Shard};
use crate::job::JobName;
use crate::port::Log;
use crate::port::log::{Chunk, Error, Stream, Subject, Tail};
use crate::time::Timestamp;

/// No wait may take longer, on a machine however busy.
const DEADLINE: Duration = Duration::from_secs(60);

/// 2026-11-22T09:00:00Z.
const DUE_S: i64 = 1_795_338_000;

/// Tries the contract on a log that is empty at first.
///
/// # Panics
/// Where the contract is broken.
pub async fn check(log: &dyn Log) {
    check_reading(log).await;
    a_log_goes_on_where_it_ended(log).await;
    old_logs_are_removed(log).await;
}

/// Tries what readers may rely on, also on another host than the one that writes.
///
/// # Panics
/// Where the contract is broken.
pub async fn check_reading(log: &dyn Log) {
    what_is_written_is_read_in_parts(log).await;
    a_silent_run_has_no_log(log).await;
    bytes_of_any_kind_are_kept(log).await;
    who_waits_is_woken(log).await;
    names_do_not_mix(log).await;
    an_end_that_is_not_kept_yet_is_shown(log).await;
}

/// The log of a run of the job with this name.
#[must_use]
pub fn subject(job: &str, due_s: i64, number: i64) -> Subject {
    let due_at = Timestamp::from_seconds(due_s);
    let run = RunId::derive(due_at, JobId(number), Shard(0), Attempt::FIRST);
    Subject { run, job: JobName::new(job).unwrap(), node: None }
}

/// A chunk for tests.
#[must_use]
pub fn chunk(sequence: u64, stream: Stream, bytes: &[u8]) -> Chunk {
    let at = Timestamp::from_millis(DUE_S * 1000 + 123) + Duration::from_millis(sequence);
    Chunk { sequence, at, stream, bytes: bytes.to_vec() }
}

async fn what_is_written_is_read_in_parts(log: &dyn Log) {
    let subject = subject("parts", DUE_S, 1);
    let chunks: Vec<Chunk> = (0..10).map(|sequence| chunk(sequence, Stream::Stdout, &[b'x'; 10])).collect();
    let mut writer = log.open(&subject).await.unwrap();
    let early = log.read(&subject, 0, 1000).await.unwrap();
    assert!(early.chunks.is_empty() && !early.complete, "an open log without chunks is there");
    writer.append(&chunks[..4]).await.unwrap();
    writer.append(&chunks[4..]).await.unwrap();
    assert!(!log.read(&subject, 0, 1000).await.unwrap().complete, "more may come before it is closed");
    writer.close().await.unwrap();
    let mut read = Vec::new();
    let mut next = 0;
    loop {
        let excerpt = log.read(&subject, next, 25).await.unwrap();
        assert!(excerpt.chunks.len() <= 3 && excerpt.next >= next);
        next = excerpt.next;
        read.extend(excerpt.chunks);
        if excerpt.complete {
            break;
        }
    }
    assert_eq!((read, next), (chunks, 10));
    assert_eq!(log.read(&subject, 3, 0).await.unwrap().chunks.len(), 1, "at least one chunk, whatever the limit");
    let end = log.read(&subject, 10, 1000).await.unwrap();
    assert!(end.chunks.is_empty() && end.complete && end.next == 10);
}

async fn a_silent_run_has_no_log(log: &dyn Log) {
    let subject = subject("silent", DUE_S, 2);
    assert!(matches!(log.read(&subject, 0, 10).await, Err(Error::NotFound { run }) if run == subject.run));
    log.open(&subject).await.unwrap().close().await.unwrap();
    assert!(matches!(log.read(&subject, 0, 10).await, Err(Error::NotFound { .. })));
    log.wait(&subject, 0).await;
}

async fn bytes_of_any_kind_are_kept(log: &dyn Log) {
    let subject = subject("bytes", DUE_S, 3);
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let chunks = [
        chunk(0, Stream::Stdout, &all),
        chunk(1, Stream::Stderr, b"=== 1 2026-11-22T09:00:00.000Z stdout 5\nfake\n\n"),
        chunk(2, Stream::System, b""),
        chunk(7, Stream::Stdout, b"\n\n"),
    ];
    let mut writer = log.open(&subject).await.unwrap();
    writer.append(&chunks).await.unwrap();
    writer.append(&[]).await.unwrap();
    writer.close().await.unwrap();
    let excerpt = log.read(&subject, 0, 10_000).await.unwrap();
    assert_eq!(excerpt.chunks, chunks);
    assert!(excerpt.complete && excerpt.next == 8);
    assert_eq!(log.read(&subject, 3, 10_000).await.unwrap().chunks, chunks[3..]);
}

async fn a_log_goes_on_where_it_ended(log: &dyn Log) {
    let subject = subject("again", DUE_S, 4);
    let mut writer = log.open(&subject).await.unwrap();
    writer.append(&[chunk(0, Stream::Stdout, b"one")]).await.unwrap();
    drop(writer);
    let ended = log.read(&subject, 0, 1000).await.unwrap();
    assert!(ended.complete, "nothing comes from a writer that is gone");
    let mut writer = log.open(&subject).await.unwrap();
    assert!(!log.read(&subject, 0, 1000).await.unwrap().complete);
    writer.append(&[chunk(1, Stream::Stdout, b"two")]).await.unwrap();
    writer.close().await.unwrap();
    let excerpt = log.read(&subject, 0, 1000).await.unwrap();
    assert_eq!(excerpt.chunks.iter().map(|chunk| chunk.sequence).collect::<Vec<_>>(), [0, 1]);
}

async fn who_waits_is_woken(log: &dyn Log) {
    let subject = subject("wait", DUE_S, 5);
    let mut writer = log.open(&subject).await.unwrap();
    let follow = async {
        let mut seen = Vec::new();
        let mut from = 0;
        loop {
            let excerpt = log.read(&subject, from, 1000).await.unwrap();
            from = excerpt.next;
            seen.extend(excerpt.chunks.into_iter().map(|chunk| chunk.sequence));
            if excerpt.complete {
                return seen;
            }
            log.wait(&subject, from).await;
        }
    };
    let write = async {
        for sequence in 0..20 {
            writer.append(&[chunk(sequence, Stream::Stdout, b"x")]).await.unwrap();
            tokio::task::yield_now().await;
        }
        writer.close().await.unwrap();
    };
    let both = futures::future::join(follow, write);
    let (seen, ()) = tokio::time::timeout(DEADLINE, both).await.expect("who waits for a log is not woken");
    assert_eq!(seen, (0..20).collect::<Vec<_>>());
}

async fn names_do_not_mix(log: &dyn Log) {
    let jobs = ["a/b", "a.b", "a/b.c/d", "größe", "ab..c", &"long/".repeat(25)[..124]];
    for (number, job) in (100..).zip(jobs) {
        let subject = subject(job, DUE_S, number);
        let mut writer = log.open(&subject).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, job.as_bytes())]).await.unwrap();
        writer.close().await.unwrap();
    }
    for (number, job) in (100..).zip(jobs) {
        let excerpt = log.read(&subject(job, DUE_S, number), 0, 1000).await.unwrap();
        assert_eq!(excerpt.chunks[0].bytes, job.as_bytes());
    }
}

async fn an_end_that_is_not_kept_yet_is_shown(log: &dyn Log) {
    let subject = subject("tail", DUE_S, 7);
    let numbers = |from| {
        let subject = subject.clone();
        async move {
            let excerpt = log.read(&subject, from, 1000).await.unwrap();
            (excerpt.chunks.iter().map(|chunk| chunk.sequence).collect::<Vec<_>>(), excerpt.complete)
        }
    };
    let of = |sequence| chunk(sequence, Stream::Stdout, b"x");
    let mut writer = log.open(&subject).await.unwrap();
    writer.append(&[of(0), of(1)]).await.unwrap();
    writer.show(Tail { oldest: 3, chunks: vec![of(3), of(4)] });
    assert_eq!(numbers(0).await, (vec![0, 1, 3, 4], false));
    writer.show(Tail { oldest: 4, chunks: vec![of(5)] });
    assert_eq!(numbers(2).await, (vec![4, 5], false), "what is too old is shown no more");
    writer.append(&[of(2), of(4), of(5)]).await.unwrap();
    assert_eq!(numbers(1).await, (vec![1, 2, 4, 5], false), "nothing is told twice");
    writer.close().await.unwrap();
    assert_eq!(numbers(5).await, (vec![5], true));
}

async fn old_logs_are_removed(log: &dyn Log) {
    let days = [DUE_S - 40 * 86_400, DUE_S - 30 * 86_400, DUE_S - 30 * 86_400 + 10];
    for due_s in days {
        let mut writer = log.open(&subject("old", due_s, 6)).await.unwrap();
        writer.append(&[chunk(0, Stream::Stdout, b"x")]).await.unwrap();
        writer.close().await.unwrap();
    }
    let (now, age) = (Timestamp::from_seconds(days[2] + 3600), Duration::from_secs(3600));
    assert_eq!(log.prune(now, age).await.unwrap(), 2);
    assert_eq!(log.prune(now, age).await.unwrap(), 0);
    for (due_s, is_there) in days.into_iter().zip([false, false, true]) {
        assert_eq!(log.read(&subject("old", due_s, 6), 0, 10).await.is_ok(), is_there);
    }
}
