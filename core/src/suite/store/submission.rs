//! Runs that were asked for, and the keys that make asking twice harmless.

use std::sync::Arc;

use super::samples::{added, at, ended, rows, waiting};
use crate::job::Params;
use crate::port::Store;
use crate::port::store::{Error, Retention, Submission, Submitted, Write};
use crate::run::{Ending, Run};

fn keyed(run: &Run, key: &str) -> Submission {
    Submission { run: run.clone(), idempotency_key: Some(key.to_owned()), record: None }
}

fn with_params(run: Run, params: &[(&str, &str)]) -> Run {
    let params: Params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Run { params: Some(Arc::new(params)), ..run }
}

/// However often the same is submitted under it.
pub async fn a_key_has_one_run(store: &impl Store) {
    let params = [("day", "2026-11-22 \"é\"")];
    let [first, second] = [waiting(1, 0), waiting(1, 5)].map(|run| with_params(run, &params));
    let made = store.submit(&keyed(&first, "a")).await.unwrap();
    assert_eq!(made, Submitted { run: first.clone(), created: true }, "the first submission makes the run");
    let again = store.submit(&keyed(&second, "a")).await.unwrap();
    assert_eq!(again, Submitted { run: first, created: false }, "the second finds it");
    assert_eq!(store.run(second.id).await.unwrap(), None, "and makes nothing");
    let other = store.submit(&keyed(&second, "b")).await.unwrap();
    assert_eq!(other, Submitted { run: second, created: true }, "another key has another run");
}

/// Until the run is forgotten: of another job, or with other params, nothing is made under it and nothing is found.
pub async fn a_key_stands_for_one_thing(store: &impl Store) {
    let [one, other] = [added(store, "one").await.id, added(store, "other").await.id];
    let run = with_params(waiting(one.0, 0), &[("day", "1")]);
    store.submit(&keyed(&run, "k")).await.unwrap();
    let wanted = [
        (with_params(waiting(other.0, 1), &[("day", "1")]), false),
        (with_params(waiting(one.0, 1), &[("day", "2")]), true),
        (waiting(one.0, 1), true),
    ];
    for (wanted, other_params) in wanted {
        let refused = store.submit(&keyed(&wanted, "k")).await;
        let taken = Error::KeyTaken { key: "k".to_owned(), run: run.id, job: "one".to_owned(), other_params };
        assert_eq!(refused, Err(taken), "the key, its run and the name of its job are told");
        assert_eq!(store.run(wanted.id).await.unwrap(), None, "nothing is made");
    }
    let made = store.submit(&keyed(&waiting(other.0, 1), "l")).await.unwrap();
    assert!(made.created, "nothing was left behind by what was refused");
}

/// It is the same to whoever submits by name, such as a command that is submitted again after its job was removed.
pub async fn a_key_outlives_its_job_when_that_is_made_again(store: &impl Store) {
    let before = added(store, "a").await.id;
    let run = waiting(before.0, 0);
    store.submit(&keyed(&run, "k")).await.unwrap();
    store.write_jobs(&[Write::Delete { job: before }], "ann", at(1)).await.unwrap();
    let again = added(store, "a").await.id;
    let found = store.submit(&keyed(&waiting(again.0, 2), "k")).await.unwrap();
    assert_eq!(found, Submitted { run, created: false }, "the run of the key is found");
}

/// The id is the same then.
pub async fn a_run_is_submitted_once_without_a_key_too(store: &impl Store) {
    let done = ended(1, 0, Ending::Succeeded);
    store.create(&rows(std::slice::from_ref(&done))).await.unwrap();
    for idempotency_key in [None, Some("late".to_owned()), Some("late".to_owned())] {
        let submission = Submission { run: waiting(1, 0), idempotency_key, record: None };
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
