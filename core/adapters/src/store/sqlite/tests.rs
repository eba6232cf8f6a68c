//! The store on a file, held to the suite, compared with the store in memory, and put into trouble.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::store::{ChangeSequence, History, Jobs, Runs};
use cronbus_core::suite::store::samples::{added, rows, waiting};
use diesel::connection::SimpleConnection;
use proptest::prelude::*;

use super::{Options, SqliteStore, connection};
use crate::store::tests::calls::{call, everything, make};

fn fresh() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("new/cronbus.db"), Options::default()).unwrap();
    (store, folder)
}

cronbus_core::store_suite!(fresh);

#[test]
fn the_file_is_its_owners_alone() {
    let (store, _kept) = fresh();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.path()), 0o600);
    assert_eq!(mode(store.path().parent().unwrap()), 0o700);
}

#[test]
fn what_is_no_database_is_refused_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "remember the milk ".repeat(100)).unwrap();
    let error = SqliteStore::open(&path, Options::default()).unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("notes.txt"), "{error}");
}

#[tokio::test]
async fn rows_outlive_the_handle() {
    let (store, _kept) = fresh();
    let path = store.path().to_owned();
    let job = added(&store, "a").await;
    drop(store);
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    assert_eq!(store.job(job.id).await.unwrap(), Some(job));
}

#[tokio::test]
async fn another_handle_on_the_file_sees_the_changes() {
    let (here, _kept) = fresh();
    let there = SqliteStore::open(here.path(), Options::default()).unwrap();
    let first = added(&here, "a").await;
    let seen = there.job_changes(ChangeSequence::default(), 10).await.unwrap();
    assert_eq!(seen.iter().map(|change| &change.job).collect::<Vec<_>>(), vec![&first]);
    let second = added(&there, "b").await;
    let news = here.job_changes(seen[0].sequence, 10).await.unwrap();
    assert_eq!(news.iter().map(|change| &change.job).collect::<Vec<_>>(), vec![&second]);
}

#[tokio::test]
async fn what_was_not_committed_was_never_there() {
    let (store, _kept) = fresh();
    added(&store, "a").await;
    let mut dying = connection::writer(store.path(), Options::default()).unwrap();
    dying.batch_execute("BEGIN IMMEDIATE; DELETE FROM jobs;").unwrap();
    drop(dying);
    assert!(store.job_by_name("a").await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_held_by_another_process_is_unavailable_until_it_is_free() {
    let (first, _kept) = fresh();
    let options = Options { busy_timeout: Duration::from_millis(1), ..Options::default() };
    let store = SqliteStore::open(first.path(), options).unwrap();
    let mut holder = connection::writer(store.path(), options).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let error = store.create(&rows(&[waiting(1, 0)])).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(store.run(waiting(1, 0).id).await.unwrap(), None, "reading goes on meanwhile");
    holder.batch_execute("ROLLBACK").unwrap();
    store.create(&rows(&[waiting(1, 0)])).await.unwrap();
}

#[tokio::test]
async fn one_bad_moment_does_not_end_all_writing() {
    let (store, _kept) = fresh();
    let doomed = store.write("fall over", |connection| {
        connection.batch_execute("DELETE FROM counters")?;
        assert_eq!(1, 2, "a defect within a transaction");
        Ok(())
    });
    assert!(doomed.await.unwrap_err().is_retryable());
    added(&store, "a").await;
}

/// An actor that ends lets go of whatever it waits for, on a thread that drives others, too.
#[tokio::test]
async fn what_has_begun_goes_on_when_nobody_waits_for_it_any_more() {
    let (store, _kept) = fresh();
    let (told, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, waiting) = std::sync::mpsc::channel::<()>();
    {
        let write = store.write("wait in the middle", move |connection| {
            told.send(()).unwrap();
            waiting.recv().unwrap();
            connection.batch_execute("CREATE TABLE written (one)").map_err(Into::into)
        });
        tokio::pin!(write);
        tokio::select! {
            _ = &mut write => unreachable!("it waits"),
            Some(()) = begun.recv() => {}
        }
    }
    go_on.send(()).unwrap();
    let found = store.write("look", |connection| Ok(connection.batch_execute("SELECT one FROM written").is_ok()));
    assert!(found.await.unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_answers_as_the_store_in_memory_does(calls in prop::collection::vec(call(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (file, _kept) = fresh();
        let memory = MemoryStore::new();
        runtime.block_on(async {
            for call in &calls {
                prop_assert_eq!(make(&file, call).await, make(&memory, call).await, "{:?}", call);
            }
            prop_assert_eq!(everything(&file).await.unwrap(), everything(&memory).await.unwrap());
            Ok(())
        })?;
    }
}
