//! Servers that are killed, frozen and cut off while batches are written: what was acknowledged is there, and repeating
//! what was not is harmless.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cronbus_core::id::{Epoch, JobId};
use cronbus_core::port::Store;
use cronbus_core::port::store::{Error, Page, Recording, RunFilter};
use cronbus_core::run::{Event, Run, State};
use cronbus_core::suite::store::samples::{advancing, node, rows, update, waiting};
use cronbus_servers::{Kind, Proxy, Server};

use crate::store::{MysqlStore, OpenOptions, PostgresStore, open};

const DEADLINE: Duration = Duration::from_secs(120);

fn impatient() -> OpenOptions {
    let (short, statement) = (Duration::from_millis(500), Duration::from_millis(700));
    OpenOptions {
        pool: 3,
        connect_timeout: short,
        statement_timeout: statement,
        migrate: true,
        ..OpenOptions::default()
    }
}

/// A server of this test's own, and a store on it.
fn own(kind: Kind) -> (Server, Arc<dyn Store>) {
    let server = Server::start(kind).unwrap();
    let patient = OpenOptions { migrate: true, ..OpenOptions::default() };
    open(&server.url(), patient).unwrap();
    let store = open(&server.url(), impatient()).unwrap();
    (server, store)
}

/// Repeats a call for as long as its error says that it may help.
async fn insist<T>(mut call: impl AsyncFnMut() -> Result<T, Error>) -> T {
    let begun = Instant::now();
    loop {
        match call().await {
            Ok(done) => return done,
            Err(error) => assert!(error.is_retryable() && begun.elapsed() < DEADLINE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const BATCHES: usize = 60;
const ROWS: i64 = 200;

fn batch(number: usize) -> Vec<Run> {
    let second = i64::try_from(number).unwrap();
    (1..=ROWS).map(|job| waiting(job, second)).collect()
}

/// Creates every batch and moves it on, insisting; counts the batches that are done.
async fn write_all(store: &dyn Store, done: &AtomicUsize) {
    for number in 0..BATCHES {
        let runs = batch(number);
        insist(async || store.create(&rows(&runs)).await.map(drop)).await;
        let updates: Vec<_> = runs.iter().map(|run| update(run, Event::Assign { node: node("alpha") })).collect();
        let recording = Recording { updates, ..Recording::default() };
        let recorded = insist(async || store.record(&recording).await).await;
        // A commit whose answer was lost is found done when it is repeated.
        assert!(recorded.conflicts.iter().all(|run| run.state == State::Assigned && run.node == Some(node("alpha"))));
        done.fetch_add(1, Ordering::SeqCst);
    }
}

fn wait_for(done: &AtomicUsize, batches: usize) {
    let begun = Instant::now();
    while done.load(Ordering::SeqCst) < batches {
        assert!(begun.elapsed() < DEADLINE, "no progress beyond {} batches", done.load(Ordering::SeqCst));
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn all_is_there(store: &dyn Store) {
    let filter = RunFilter { states: vec![State::Assigned], ..RunFilter::default() };
    let page = Page { after: None, limit: BATCHES * ROWS as usize + 1 };
    let (found, _) = insist(async || store.runs(&filter, &page).await).await;
    assert_eq!(found.len(), BATCHES * ROWS as usize);
}

async fn killed_in_the_middle(kind: Kind) {
    let (mut server, store) = own(kind);
    let done = Arc::new(AtomicUsize::new(0));
    let killing = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            for batches in [5, 20, 40] {
                wait_for(&done, batches);
                server.kill().unwrap();
                server.start_again().unwrap();
            }
            server
        }
    });
    write_all(&*store, &done).await;
    let _server = killing.join().unwrap();
    all_is_there(&*store).await;
}

#[tokio::test]
async fn mysql_killed_in_the_middle_of_batches_loses_nothing() {
    killed_in_the_middle(Kind::MariaDb).await;
}

#[tokio::test]
async fn postgresql_killed_in_the_middle_of_batches_loses_nothing() {
    killed_in_the_middle(Kind::PostgreSql).await;
}

async fn frozen_and_cut_off(kind: Kind) {
    let (server, _) = own(kind);
    let proxy = Proxy::to(server.port()).unwrap();
    let url = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port()));
    let store = open(&url, impatient()).unwrap();
    let runs = batch(0);
    store.create(&rows(&runs[..50])).await.unwrap();

    server.freeze().unwrap();
    let error = store.create(&rows(&runs[..100])).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    server.thaw().unwrap();
    insist(async || store.create(&rows(&runs[..100])).await.map(drop)).await;

    proxy.cut();
    let error = store.create(&rows(&runs)).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    proxy.heal();
    let created = insist(async || store.create(&rows(&runs)).await).await;
    assert!(created.existing.len() >= 100, "what was there is reported");
    let page = Page { after: None, limit: 1000 };
    assert_eq!(store.runs(&RunFilter::default(), &page).await.unwrap().0.len(), runs.len());
}

#[tokio::test]
async fn mysql_frozen_and_cut_off_answers_in_time_and_goes_on() {
    frozen_and_cut_off(Kind::MariaDb).await;
}

#[tokio::test]
async fn postgresql_frozen_and_cut_off_answers_in_time_and_goes_on() {
    frozen_and_cut_off(Kind::PostgreSql).await;
}

/// A lock that somebody else holds ends a call with an answer; nothing of it was written, and the lock of the call
/// itself is gone with it.
macro_rules! held_up {
    ($($name:ident: $store:ident, $server:ident;)+) => {$(
        #[tokio::test]
        async fn $name() {
            let url = super::servers::$server();
            let patient = $store::on(&url, OpenOptions { pool: 1, ..OpenOptions::default() }).unwrap();
            patient.up().unwrap();
            let store = open(&url, impatient()).unwrap();
            let partition = JobId(1).partition();
            let claims = store.claim_partitions(&[partition], &node("alpha"), Epoch(0)).await.unwrap();
            let creation = advancing(&batch(0), 1, claims[0].epoch, 60);
            let lock = format!("UPDATE partitions SET owner = 'x' WHERE partition_number = {}", partition.0);
            let held = patient.hold(&[&lock]).unwrap();
            let error = store.create(&creation).await.unwrap_err();
            assert!(error.is_retryable(), "{error}");
            drop(held);
            insist(async || store.create(&creation).await.map(drop)).await;
        }
    )+};
}

held_up! {
    mysql_held_up_by_a_lock_answers_in_time: MysqlStore, mysql_url;
    postgresql_held_up_by_a_lock_answers_in_time: PostgresStore, postgres_url;
}
