//! What every spool promises.

use std::sync::Arc;

use crate::id::{Attempt, JobId, RunId, Shard};
use crate::port::Spool;
use crate::port::spool::{Entry, Process, Remembered};
use crate::run::{Ending, Outcome, Output, Usage};
use crate::time::Timestamp;

/// Tries the contract. `reopen` gives a spool over the same memory, as a new life of the executor would open it; the
/// former one is dropped before. The memory is empty at first.
///
/// # Panics
/// Where the contract is broken.
pub async fn check<S: Spool, F: AsyncFn() -> S>(reopen: F) {
    let first = reopen().await;
    assert_eq!(first.recover().await.unwrap(), [], "a new spool remembers nothing");
    drop(first);
    every_stage_is_remembered(&reopen).await;
    repeated_entries_change_nothing(&reopen).await;
    what_is_acknowledged_is_forgotten(&reopen).await;
}

/// A run for tests.
#[must_use]
pub fn run(number: i64) -> RunId {
    RunId::derive(Timestamp::from_seconds(1_795_338_000), JobId(number), Shard(0), Attempt::FIRST)
}

/// An outcome with every field set.
#[must_use]
pub fn full_outcome(reason: &str) -> Arc<Outcome> {
    let at = Timestamp::from_millis(1_795_338_000_123);
    Arc::new(Outcome {
        exit_code: Some(-3),
        signal: Some(9),
        usage: Some(Usage { user_ms: 1, system_ms: u64::MAX, max_rss_bytes: 3 }),
        output: Output { bytes: 4, truncated: true },
        ..Outcome::bare(Ending::TimedOut, Some(at), at, reason)
    })
}

/// The life of four runs, each a stage further than the one before.
fn stages() -> Vec<Entry> {
    let at = Timestamp::from_millis(1_795_338_000_456);
    let process = Some(Process { pid: 4711, start_ticks: 9_000_000_000 });
    let accepted = |number| Entry::Accepted { run: run(number), job: JobId(number) };
    vec![
        accepted(1),
        accepted(2),
        Entry::Starting { run: run(2) },
        accepted(3),
        Entry::Starting { run: run(3) },
        Entry::Started { run: run(3), at, process },
        accepted(4),
        Entry::Starting { run: run(4) },
        Entry::Started { run: run(4), at, process: None },
        Entry::Ended { run: run(4), job: JobId(4), outcome: full_outcome("größer than ASCII") },
        // What has no effect outside is not accepted before.
        Entry::Ended { run: run(5), job: JobId(5), outcome: Arc::new(Outcome::bare(Ending::Succeeded, None, at, "")) },
    ]
}

async fn remembered<S: Spool, F: AsyncFn() -> S>(reopen: &F) -> Vec<Remembered> {
    let mut remembered = reopen().await.recover().await.unwrap();
    remembered.sort_by_key(|one| one.job);
    remembered
}

async fn every_stage_is_remembered<S: Spool, F: AsyncFn() -> S>(reopen: &F) {
    let spool = reopen().await;
    let _ = spool.recover().await.unwrap();
    spool.append(&stages()).await.unwrap();
    spool.append(&[]).await.unwrap();
    drop(spool);
    let found = remembered(reopen).await;
    let jobs: Vec<i64> = found.iter().map(|one| one.job.0).collect();
    assert_eq!(jobs, [1, 2, 3, 4, 5]);
    assert_eq!(found.iter().map(|one| one.begun).collect::<Vec<_>>(), [false, true, true, true, true]);
    assert_eq!(found[2].process, Some(Process { pid: 4711, start_ticks: 9_000_000_000 }));
    assert_eq!(found[2].started_at, Some(Timestamp::from_millis(1_795_338_000_456)));
    assert_eq!(found[3].outcome, Some(full_outcome("größer than ASCII")));
    assert_eq!(found[4].outcome.as_ref().map(|outcome| outcome.ending), Some(Ending::Succeeded));
}

async fn repeated_entries_change_nothing<S: Spool, F: AsyncFn() -> S>(reopen: &F) {
    let before = remembered(reopen).await;
    let spool = reopen().await;
    let _ = spool.recover().await.unwrap();
    spool.append(&stages()).await.unwrap();
    let late = Entry::Ended { run: run(4), job: JobId(4), outcome: full_outcome("the second one") };
    spool.append(&[late, Entry::Starting { run: run(99) }, Entry::Acknowledged { run: run(99) }]).await.unwrap();
    drop(spool);
    assert_eq!(remembered(reopen).await, before);
}

async fn what_is_acknowledged_is_forgotten<S: Spool, F: AsyncFn() -> S>(reopen: &F) {
    let spool = reopen().await;
    let _ = spool.recover().await.unwrap();
    let acknowledged: Vec<Entry> = (2..=5).map(|number| Entry::Acknowledged { run: run(number) }).collect();
    spool.append(&acknowledged).await.unwrap();
    drop(spool);
    let left: Vec<i64> = remembered(reopen).await.iter().map(|one| one.job.0).collect();
    assert_eq!(left, [1]);
}
