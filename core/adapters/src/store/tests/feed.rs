//! The feed of changes while many write: whoever follows it misses nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cronbus_core::id::JobId;
use cronbus_core::port::Store;
use cronbus_core::port::store::{ChangeSequence, Write};
use cronbus_core::suite::store::samples::{add, at, definition};

use super::servers::{mysql, postgresql};

const WRITERS: usize = 6;
const ROUNDS: usize = 15;

/// Adds jobs and edits each once, in transactions of different lengths.
async fn keep_writing(store: Arc<dyn Store>, writer: usize) {
    for round in 0..ROUNDS {
        let names: Vec<String> = (0..=(round * writer) % 5).map(|n| format!("j{writer}.{round}.{n}")).collect();
        let adds: Vec<Write> = names.iter().map(|name| add(name)).collect();
        let jobs = store.write_jobs(&adds, "ann", at(0)).await.unwrap();
        let definition = Arc::new(cronbus_core::job::Definition { priority: 9, ..definition(&names[0]) });
        let edit = Write::Replace { job: jobs[0].id, expected: None, definition };
        store.write_jobs(&[edit], "ann", at(1)).await.unwrap();
    }
}

/// Follows the feed until the writers are done and it is at its end; the revision last seen of each job.
async fn follow(store: Arc<dyn Store>, done: Arc<AtomicBool>) -> BTreeMap<JobId, i32> {
    let (mut seen, mut place) = (BTreeMap::new(), ChangeSequence::default());
    loop {
        let over = done.load(Ordering::SeqCst);
        let changes = store.job_changes(place, 7).await.unwrap();
        for change in &changes {
            assert!(change.sequence > place, "the feed goes forward");
            place = change.sequence;
            seen.insert(change.job.id, change.job.revision.0);
        }
        if over && changes.is_empty() {
            return seen;
        }
    }
}

async fn a_follower_misses_nothing(store: Arc<dyn Store>) {
    let done = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(Arc::clone(&store), Arc::clone(&done)));
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(keep_writing(Arc::clone(&store), writer))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let seen = follower.await.unwrap();
    let all = store.job_changes(ChangeSequence::default(), 10_000).await.unwrap();
    let newest: BTreeMap<JobId, i32> = all.iter().map(|change| (change.job.id, change.job.revision.0)).collect();
    assert_eq!(seen, newest);
    assert_eq!(newest.keys().map(|id| id.0).collect::<Vec<_>>(), (1..=newest.len() as i64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_follower_misses_nothing_on_mysql() {
    a_follower_misses_nothing(Arc::new(mysql().0)).await;
}

#[tokio::test]
async fn a_follower_misses_nothing_on_postgresql() {
    a_follower_misses_nothing(Arc::new(postgresql().0)).await;
}
