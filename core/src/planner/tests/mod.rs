//! The planner against a naive oracle, under crashes, changes and jumping clocks; then rule by rule.

mod catching_up;
mod rules;
mod world;

use std::sync::Arc;
use std::time::Duration;

use super::{Planner, Settings};
use crate::id::{Epoch, JobId, NodeName, Partition, RunId};
use crate::job::{Command, Definition, Job, JobName};
use crate::port::membership::{Availability, Member, Role};
use crate::port::store::Claim;
use crate::time::Timestamp;

/// Noon of a Sunday.
const NOON: Timestamp = Timestamp::from_seconds(1_795_348_800);

fn definition(name: &str, schedule: &str) -> Definition {
    let name = JobName::new(name).unwrap();
    Definition { schedule: Some(schedule.to_owned()), ..Definition::new(name, Command::Noop) }
}

fn job(id: i64, schedule: &str, at: Timestamp) -> Job {
    Job::added(JobId(id), Arc::new(definition(&format!("job-{id}"), schedule)), "ann", at)
}

fn member(name: &str, started_at: Timestamp) -> Member {
    Member {
        name: NodeName::new(name).unwrap(),
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
        waits_for_leave: true,
        leased_at: None,
    }
}

fn claims(watermark: Timestamp) -> Vec<Claim> {
    Partition::all().map(|partition| Claim { partition, epoch: Epoch(1), watermark }).collect()
}

/// Owns everything from `watermark` on and knows all of `jobs`.
fn planner(settings: Settings, jobs: Vec<Job>, watermark: Timestamp, now: Timestamp) -> Planner {
    let mut planner = Planner::new(settings);
    for job in jobs {
        planner.job_changed(Arc::new(job));
    }
    planner.members_changed(&[member("a", NOON - Duration::from_secs(3600))]);
    planner.catalog_seen(now);
    planner.own(&claims(watermark));
    planner
}

/// Everything there is to plan, each batch durable at once.
fn plan_all(planner: &mut Planner, now: Timestamp) -> Vec<super::Batch> {
    let batches = std::iter::from_fn(|| {
        let batch = planner.plan(now)?;
        planner.durable(batch.id);
        Some(batch)
    });
    batches.collect()
}

fn rows(batches: Vec<super::Batch>) -> Vec<crate::run::Run> {
    batches.into_iter().flat_map(|batch| batch.creation.runs).collect()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
