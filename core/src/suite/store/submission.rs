//! Runs that were asked for, and the keys that make asking twice harmless.

use super::samples::{at, ended, rows, waiting};
use crate::port::Store;
use crate::port::store::{Retention, Submission, Submitted};
use crate::run::{Ending, Run};

fn keyed(run: &Run, key: &str) -> Submission {
    Submission { run: run.clone(), idempotency_key: Some(key.to_owned()) }
}

/// Whatever else is submitted under it.
pub async fn a_key_has_one_run(store: &impl Store) {
    let [first, second] = [waiting(1, 0), waiting(2, 5)];
    let made = store.submit(&keyed(&first, "a")).await.unwrap();
    assert_eq!(made, Submitted { run: first.clone(), created: true }, "the first submission makes the run");
    let again = store.submit(&keyed(&second, "a")).await.unwrap();
    assert_eq!(again, Submitted { run: first, created: false }, "the second finds it");
    assert_eq!(store.run(second.id).await.unwrap(), None, "and makes nothing");
    let other = store.submit(&keyed(&second, "b")).await.unwrap();
    assert_eq!(other, Submitted { run: second, created: true }, "another key has another run");
}

/// The id is the same then.
pub async fn a_run_is_submitted_once_without_a_key_too(store: &impl Store) {
    let done = ended(1, 0, Ending::Succeeded);
    store.create(&rows(std::slice::from_ref(&done))).await.unwrap();
    for idempotency_key in [None, Some("late".to_owned()), Some("late".to_owned())] {
        let submission = Submission { run: waiting(1, 0), idempotency_key };
        let found = Submitted { run: done.clone(), created: false };
        assert_eq!(store.submit(&submission).await.unwrap(), found, "the row that is there is found");
    }
}

/// So that it makes a new run afterwards.
pub async fn a_key_is_forgotten_with_its_run(store: &impl Store) {
    let done = ended(1, 0, Ending::Succeeded);
    store.submit(&keyed(&done, "a")).await.unwrap();
    let pruned = store.prune(Retention { before: at(10), per_job: 0, limit: 10 }).await.unwrap();
    assert_eq!((pruned.runs, pruned.more), (1, false), "the run is forgotten");
    let next = waiting(1, 60);
    let made = store.submit(&keyed(&next, "a")).await.unwrap();
    assert_eq!(made, Submitted { run: next, created: true }, "the key is free");
}
