//! The jobs and runs the promises are tried on.

use std::sync::Arc;

use crate::id::{Epoch, JobId, NodeName, Revision, Slot};
use crate::job::{Command, Definition, Job, JobName};
use crate::port::Store;
use crate::port::store::{Advance, Creation, Update, Write};
use crate::run::{Answer, Ending, Event, Outcome, Output, Run, Trigger, Usage, Verdict as Answered};
use crate::time::Timestamp;

/// When everything here happens: an instant in seconds counted from a fixed day.
#[must_use]
pub const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000 + seconds)
}

/// A node's name.
pub fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

/// A job that does nothing, every minute.
pub fn definition(name: &str) -> Definition {
    let schedule = Some("* * * * *".to_owned());
    Definition { schedule, ..Definition::new(JobName::new(name).unwrap(), Command::Noop) }
}

/// The change that adds such a job.
pub fn add(name: &str) -> Write {
    Write::Add(Arc::new(definition(name)))
}

/// Adds such a job.
pub async fn added(store: &impl Store, name: &str) -> Arc<Job> {
    let jobs = store.write_jobs(&[add(name)], "ann", at(0)).await.unwrap();
    jobs.into_iter().next().unwrap()
}

/// A run of a job that waits for its moment.
#[must_use]
pub fn waiting(job: i64, seconds: i64) -> Run {
    let slot = Slot::new(JobId(job), at(seconds));
    Run::new(slot.run_id(crate::id::Attempt::FIRST), JobId(job), Revision(1), at(seconds), at(seconds))
}

/// A run that waits for its moment at a node.
pub fn assigned(job: i64, seconds: i64) -> Run {
    let mut run = waiting(job, seconds);
    run.apply(Event::Assign { node: node("alpha") }).unwrap();
    run
}

/// A run that was assigned, executed, and ended so.
pub fn ended(job: i64, seconds: i64, ending: Ending) -> Run {
    let mut run = assigned(job, seconds);
    run.apply(Event::End(Box::new(Outcome::bare(ending, Some(at(seconds)), at(seconds + 1), "")))).unwrap();
    run
}

/// A run that nobody was there for.
pub fn missed(job: i64, seconds: i64) -> Run {
    let mut run = waiting(job, seconds);
    let reason = "nobody was there".to_owned();
    run.apply(Event::Answer(Answer { verdict: Answered::Missed, at: at(seconds + 9), reason })).unwrap();
    run
}

/// A run with something in every field.
pub fn furnished(job: i64, seconds: i64) -> Run {
    let slot = Slot { due_at: at(seconds), job: JobId(job), shard: crate::id::Shard(7) };
    let attempt = crate::id::Attempt(3);
    let params = [("day".to_owned(), "2026-11-22 \"é\"".to_owned())].into();
    Run {
        not_before: at(seconds + 60),
        state: crate::run::State::Failed,
        healthy: true,
        trigger: Trigger::Retry,
        attempt,
        shard: slot.shard,
        params: Some(Arc::new(params)),
        node: Some(node("beta")),
        started_at: Some(at(seconds + 61)),
        ended_at: Some(at(seconds + 62)),
        exit_code: Some(-3),
        signal: Some(9),
        reason: "it said: 'no'".to_owned(),
        usage: Some(Usage { user_ms: 1, system_ms: 2, max_rss_bytes: 3 << 40 }),
        output: Output { bytes: 5 << 32, truncated: true },
        ..Run::new(slot.run_id(attempt), JobId(job), Revision(4), slot.due_at, at(seconds + 1))
    }
}

/// Rows without any watermark.
#[must_use]
pub fn rows(runs: &[Run]) -> Creation {
    Creation { runs: runs.to_vec(), ..Creation::default() }
}

/// Rows of one job with the watermark of its partition.
#[must_use]
pub fn advancing(runs: &[Run], job: i64, epoch: Epoch, seconds: i64) -> Creation {
    let advance = Advance { partition: JobId(job).partition(), epoch, watermark: at(seconds) };
    Creation { runs: runs.to_vec(), advances: vec![advance], ..Creation::default() }
}

/// The run after one event, as an update from the state before.
pub fn update(run: &Run, event: Event) -> Update {
    let mut after = run.clone();
    after.apply(event).unwrap();
    Update { from: run.state, run: after, next_attempt: None }
}
