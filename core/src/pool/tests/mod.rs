//! The pool against a model of what it was given, in any order (`model`), and rule by rule (`rules`).

mod model;
mod rules;

use std::sync::Arc;

use super::*;
use crate::duration::Period;
use crate::id::{JobId, NodeName, RunId};
use crate::job::{Command, Definition, Job, JobName, OnTimeout};
use crate::port::spool::Remembered;
use crate::run::{Ending, Outcome};
use crate::suite::samples;
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Handover, Report};

const LIFE: Timestamp = Timestamp::from_seconds(1_000);

fn job(id: i64, priority: u8, concurrency: Option<u32>) -> Arc<Job> {
    let name = JobName::new(&format!("job-{id}")).unwrap();
    let definition = Definition {
        priority,
        concurrency,
        timeout: Some(Period::from_secs(10)),
        ..Definition::new(name, Command::shell("true"))
    };
    Arc::new(Job::added(JobId(id), Arc::new(definition), "ann", LIFE))
}

fn assignment(job: &Arc<Job>, number: i64) -> Assignment {
    let due_at = LIFE + std::time::Duration::from_millis(number.cast_unsigned());
    samples::assignment(job, due_at, Handover(number))
}

fn batch(sequence: u64, assignments: Vec<Assignment>) -> AssignmentBatch {
    let from = NodeName::new("d").unwrap();
    AssignmentBatch { from, from_life: LIFE, to_life: LIFE, sequence, sent_at: None, assignments }
}

fn pool(slots: usize, queue: usize) -> Pool {
    Pool::new(Settings { slots, queue, life: LIFE })
}

/// Offers them in one batch and accepts what is fresh.
fn give(pool: &mut Pool, sequence: u64, assignments: Vec<Assignment>) -> Vec<Report> {
    let mut offer = pool.offer(batch(sequence, assignments));
    offer.reports.extend(pool.accepted(offer.fresh));
    offer.reports
}

fn end(pool: &mut Pool, run: RunId, job: JobId) -> Ended {
    pool.ended(run, job, Outcome::bare(Ending::Succeeded, Some(LIFE), LIFE, ""))
}

fn started(pool: &mut Pool) -> Vec<RunId> {
    pool.next(LIFE).start.iter().map(|assignment| assignment.run).collect()
}
