//! The dispatcher among executors that refuse, die and come back, and over a store that answers late or not at all.

mod absences;
mod hosts;
mod interleavings;
mod rules;
mod waiting;
mod world;

use std::sync::Arc;
use std::time::Duration;

use super::{Dispatch, Handover, Loan, Settings};
use crate::duration::Period;
use crate::id::{Attempt, Epoch, JobId, NodeName, Partition, RunId, Slot};
use crate::job::{Backoff, Command, Definition, Job, JobName, Overlap, Retry, RetryOn};
use crate::port::membership::{Availability, Member, Role};
use crate::port::store::Fence;
use crate::run::Run;
use crate::time::Timestamp;

const NOON: Timestamp = Timestamp::from_seconds(1_795_348_800);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn node(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

fn settings(handover: Handover) -> Settings {
    Settings { handover, ..Settings::sole(node("a")) }
}

/// All partitions, under one epoch.
fn lend_all(dispatch: &mut Dispatch, epoch: i64) {
    lend_after(dispatch, epoch, Timestamp::EPOCH, NOON);
}

/// All partitions, whose slots had been created up to `reached`.
fn lend_after(dispatch: &mut Dispatch, epoch: i64, reached: Timestamp, now: Timestamp) {
    let loan = |partition| Loan { fence: Fence { partition, epoch: Epoch(epoch) }, reached };
    dispatch.lend(&Partition::all().map(loan).collect::<Vec<_>>(), now);
}

fn member(name: &str, started_at: Timestamp) -> Member {
    Member {
        name: node(name),
        address: String::new(),
        health_address: String::new(),
        roles: Role::ALL.to_vec(),
        groups: Vec::new(),
        labels: std::collections::BTreeMap::new(),
        version: String::new(),
        pid: 1,
        capacity: 8,
        state: Availability::Active,
        started_at,
        // One of an older version is among them.
        waits_for_leave: name != "c",
        leased_at: None,
    }
}

fn definition(id: i64, overlap: Overlap) -> Definition {
    let command = Command::shell("true");
    Definition {
        schedule: Some("* * * * *".to_owned()),
        overlap,
        queue_limit: 3,
        ..Definition::new(JobName::new(&format!("job-{id}")).unwrap(), command)
    }
}

fn job(id: i64, definition: Definition) -> Arc<Job> {
    Arc::new(Job::added(JobId(id), Arc::new(definition), "ann", NOON - seconds(60)))
}

/// Twice more, also when it was lost.
fn twice_more() -> Retry {
    Retry {
        max: 2,
        delay: Period::from_secs(2),
        backoff: Backoff::Fixed,
        on: vec![RetryOn::Failed, RetryOn::Lost],
        ..Retry::default()
    }
}

fn row(job: &Job, due_at: Timestamp, now: Timestamp) -> Run {
    Run::new(id_of(job.id, due_at), job.id, job.revision, due_at, now)
}

fn id_of(job: JobId, due_at: Timestamp) -> RunId {
    Slot::new(job, due_at).run_id(Attempt::FIRST)
}
