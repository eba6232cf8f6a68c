//! A database with a history: jobs that are due once a year, and what became of their runs in the last twenty days.

use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::store::{OpenOptions, open};
use cronbus_core::id::{Attempt, JobId, NodeName, Revision, RunId, Shard};
use cronbus_core::job::{Command, Definition, JobName};
use cronbus_core::port::Store;
use cronbus_core::port::store::{Creation, Write};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use crate::support::Node;

/// How far back runs go; nothing of it is old enough to be forgotten.
const HISTORY: Duration = Duration::from_secs(20 * 24 * 3600);

/// How many rows are written at a time.
const BATCH: usize = 2_000;

/// How much there is.
pub(crate) struct Plan {
    pub(crate) jobs: usize,
    pub(crate) runs: usize,
}

/// A node on a database with all that.
pub(crate) fn filled(plan: &Plan) -> Node {
    let mut node = Node::prepare("cronbus.toml", "");
    let folder = node.data();
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite://{}", folder.join("cronbus.db").display());
    let store = open(&url, OpenOptions { migrate: true, ..OpenOptions::default() }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    runtime.block_on(write(&*store, plan, now));
    drop(store);
    node.start_again();
    node
}

async fn write(store: &dyn Store, plan: &Plan, now: i64) {
    let begun = now - i64::try_from(HISTORY.as_millis()).unwrap();
    let mut jobs: Vec<JobId> = Vec::new();
    let numbers: Vec<usize> = (0..plan.jobs).collect();
    for numbers in numbers.chunks(BATCH) {
        let writes: Vec<Write> = numbers.iter().map(|number| Write::Add(Arc::new(definition(*number)))).collect();
        let written = store.write_jobs(&writes, "test", Timestamp::from_millis(begun)).await.unwrap();
        jobs.extend(written.iter().map(|job| job.id));
    }
    let numbers: Vec<usize> = (0..plan.runs).collect();
    for numbers in numbers.chunks(BATCH) {
        let run = |number: &usize| run(*number, plan, &jobs, begun, now);
        let creation = Creation { runs: numbers.iter().map(run).collect(), ..Creation::default() };
        assert!(store.create(&creation).await.unwrap().existing.is_empty());
    }
}

/// Due on the second of January: nothing of this runs while anybody looks.
fn definition(number: usize) -> Definition {
    let mut definition = Definition::new(JobName::new(&format!("job-{number}")).unwrap(), Command::shell("true"));
    let rule = format!("{} {} 2 1 *", number % 60, number / 60 % 24);
    definition.schedule = Some(rule);
    definition.labels.insert("team".to_owned(), format!("team-{}", number % 50));
    definition
}

/// The runs are spread over all jobs and the whole time. One of fifty failed.
fn run(number: usize, plan: &Plan, jobs: &[JobId], begun: i64, now: i64) -> Run {
    let share = i64::try_from(number).unwrap() * (now - begun) / i64::try_from(plan.runs).unwrap();
    let due_at = Timestamp::from_millis(begun + share);
    let job = jobs[number * 7919 % jobs.len()];
    let id = RunId::derive(due_at, job, Shard(0), Attempt::FIRST);
    let state = if number % 50 == 49 { State::Failed } else { State::Succeeded };
    let ended_at = Some(due_at + Duration::from_millis(u64::try_from(number % 900).unwrap()));
    let node = Some(NodeName::new("test").unwrap());
    let exit_code = Some(i32::from(state == State::Failed));
    Run { state, node, started_at: Some(due_at), ended_at, exit_code, ..Run::new(id, job, Revision(1), due_at, due_at) }
}
