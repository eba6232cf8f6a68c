//! The store on a file, held to the suite, compared with the store in memory, and put into trouble.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{Epoch, JobId, Partition, Revision};
use cronbus_core::job::{Definition, Pause};
use cronbus_core::local::store::MemoryStore;
use cronbus_core::port::Store;
use cronbus_core::port::store::{
    Advance, ChangeSequence, Creation, Error, Fence, History, JobFilter, Jobs, Page, Recording, Retention, RunFilter,
    Runs, Submission, Update, Write,
};
use cronbus_core::run::{Ending, State};
use cronbus_core::suite::store::samples::{add, added, at, definition, ended, furnished, missed, node, rows, waiting};
use diesel::connection::SimpleConnection;
use proptest::prelude::*;

use super::{Options, SqliteStore, connection};

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

/// One call of the port, in the small world of a few jobs, seconds, names and keys, where calls meet often.
#[derive(Clone, Debug)]
enum Call {
    Claim { jobs: Vec<i64>, at_least: i64 },
    Create { runs: Vec<(i64, i64, u8)>, advance: Option<(i64, i64, i64)> },
    Record { updates: Vec<(i64, i64, u8, u8)>, follow_up: Option<i64>, fence: Option<(i64, i64)> },
    Submit { run: (i64, i64, u8), key: Option<String> },
    Change { writes: Vec<(u8, i64, usize)>, second: i64 },
    Prune { before: i64, per_job: u32, limit: usize },
}

const NAMES: [&str; 3] = ["a", "b/b", "ç"];

fn sample((job, second, kind): (i64, i64, u8)) -> cronbus_core::run::Run {
    match kind {
        0 => waiting(job, second),
        1 => ended(job, second, Ending::Succeeded),
        2 => missed(job, second),
        _ => furnished(job, second),
    }
}

fn call() -> impl Strategy<Value = Call> {
    let run = || (1_i64..4, 0_i64..4, 0_u8..4);
    let jobs = prop::collection::vec(1_i64..4, 0..3);
    let runs = prop::collection::vec(run(), 0..5);
    let advance = prop::option::of((1_i64..4, 0_i64..4, 0_i64..4));
    let updates = prop::collection::vec((1_i64..4, 0_i64..4, 0_u8..4, 0_u8..4), 0..5);
    let writes = prop::collection::vec((0_u8..6, 1_i64..5, 0..NAMES.len()), 1..4);
    prop_oneof![
        (jobs, 0_i64..4).prop_map(|(jobs, at_least)| Call::Claim { jobs, at_least }),
        (runs, advance).prop_map(|(runs, advance)| Call::Create { runs, advance }),
        (updates, prop::option::of(0_i64..4), prop::option::of((1_i64..4, 0_i64..4)))
            .prop_map(|(updates, follow_up, fence)| Call::Record { updates, follow_up, fence }),
        (run(), prop::option::of("[ab]")).prop_map(|(run, key)| Call::Submit { run, key }),
        (writes, 0_i64..9).prop_map(|(writes, second)| Call::Change { writes, second }),
        (0_i64..4, 0_u32..3, 0_usize..4).prop_map(|(before, per_job, limit)| Call::Prune { before, per_job, limit }),
    ]
}

fn change((kind, job, name): (u8, i64, usize)) -> Write {
    let job = JobId(job);
    let pause = Pause { since: at(0), until: Some(at(5)), note: String::new(), by: "ann".to_owned() };
    let other = Arc::new(Definition { priority: 9, ..definition(NAMES[name]) });
    match kind {
        0 => add(NAMES[name]),
        1 => Write::Replace { job, expected: None, definition: other },
        2 => Write::Replace { job, expected: Some(Revision(1)), definition: other },
        3 => Write::Pause { job, pause },
        4 => Write::Resume { job },
        _ => Write::Delete { job },
    }
}

fn state(number: u8) -> State {
    [State::Created, State::Assigned, State::Running, State::Succeeded][usize::from(number)]
}

/// Makes the call; the answer as text, to be compared.
async fn make(store: &impl Store, call: &Call) -> String {
    match call.clone() {
        Call::Claim { jobs, at_least } => {
            let partitions: Vec<Partition> = jobs.into_iter().map(|job| JobId(job).partition()).collect();
            format!("{:?}", store.claim_partitions(&partitions, &node("alpha"), Epoch(at_least)).await)
        }
        Call::Create { runs, advance } => {
            let advance = advance.map(|(job, epoch, second)| Advance {
                partition: JobId(job).partition(),
                epoch: Epoch(epoch),
                watermark: at(second),
            });
            let runs = runs.into_iter().map(sample).collect();
            format!("{:?}", store.create(&Creation { runs, advances: advance.into_iter().collect() }).await)
        }
        Call::Record { updates, follow_up, fence: fence_of } => {
            let next_attempt = follow_up.map(|second| Box::new(furnished(1, second)));
            let update = |(job, second, from, to)| {
                let run = cronbus_core::run::Run { id: waiting(job, second).id, state: state(to), ..furnished(9, 9) };
                Update { from: state(from), run, next_attempt: next_attempt.clone() }
            };
            let updates = updates.into_iter().map(update).collect();
            let fence = |(job, epoch)| Fence { partition: JobId(job).partition(), epoch: Epoch(epoch) };
            let fences = fence_of.map(fence).into_iter().collect();
            format!("{:?}", store.record(&Recording { fences, updates }).await)
        }
        Call::Submit { run, key } => {
            format!("{:?}", store.submit(&Submission { run: sample(run), idempotency_key: key }).await)
        }
        Call::Change { writes, second } => {
            let writes: Vec<Write> = writes.into_iter().map(change).collect();
            format!("{:?}", store.write_jobs(&writes, "ben", at(second)).await)
        }
        Call::Prune { before, per_job, limit } => {
            format!("{:?}", store.prune(Retention { before: at(before), per_job, limit }).await)
        }
    }
}

/// All that can be read, as text.
async fn everything(store: &impl Store) -> Result<Vec<String>, Error> {
    let all: Vec<Partition> = Partition::all().collect();
    let (runs, _) = store.runs(&RunFilter::default(), &Page { after: None, limit: 1000 }).await?;
    let (jobs, _) = store.jobs(&JobFilter::default(), &Page { after: None, limit: 1000 }, at(3)).await?;
    let mut read = vec![
        format!("{runs:#?}"),
        format!("{jobs:#?}"),
        format!("{:#?}", store.unfinished(&all, None, 1000).await?),
        format!("{:#?}", store.count_runs(None, at(1)).await?),
        format!("{:#?}", store.job_changes(ChangeSequence::default(), 1000).await?),
        format!("{:#?}", store.claim_partitions(&all, &node("omega"), Epoch(0)).await?),
    ];
    for job in 1..8 {
        read.push(format!("{:#?}", store.revisions(JobId(job), 10).await?));
    }
    Ok(read)
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
