//! `@reboot`: once on each matching node when that node starts.
//!
//! The slot's due instant is the node's start. The run is for that node only, and its id says so: two nodes started in
//! the same millisecond have two runs.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::id::{Attempt, JobId, NodeName, Partition, RunId, Shard};
use crate::job::Job;
use crate::port::membership::{Member, Role};
use crate::route;
use crate::run::Run;
use crate::time::Timestamp;

use super::entry;
use super::partitions::Partitions;

/// The jobs due when nodes start, and the nodes that did.
#[derive(Debug, Default)]
pub(super) struct Reboots {
    jobs: BTreeMap<JobId, Arc<Job>>,
    members: Vec<Member>,
    answered: HashSet<(JobId, NodeName, Timestamp)>,
}

impl Reboots {
    pub(super) fn job_changed(&mut self, job: &Arc<Job>) {
        if entry::is_reboot(job) && !job.deleted {
            self.jobs.insert(job.id, Arc::clone(job));
        } else if self.jobs.remove(&job.id).is_some() {
            self.answered.retain(|(answered, ..)| *answered != job.id);
        }
    }

    /// The rows made for these partitions may not have become durable: they are made again if the partitions come back.
    pub(super) fn forget(&mut self, partitions: &[Partition]) {
        self.answered.retain(|(job, ..)| !partitions.contains(&job.partition()));
    }

    pub(super) fn members_changed(&mut self, members: &[Member]) {
        self.members = members.iter().filter(|member| member.has(Role::Executor)).cloned().collect();
        let alive: HashSet<_> = self.members.iter().map(|member| (&member.name, member.started_at)).collect();
        self.answered.retain(|(_, name, started_at)| alive.contains(&(name, *started_at)));
    }

    /// Rows for starts that have none yet.
    pub(super) fn rows(&mut self, partitions: &Partitions, now: Timestamp) -> Vec<Run> {
        let mut rows = Vec::new();
        for job in self.jobs.values() {
            let Some(owned) = partitions.get(job.partition()) else { continue };
            // The former owner's watermark may have passed a start that it had not heard of.
            let Some(start) = entry::start_after(job, owned.claimed - entry::UNSEEN) else { continue };
            for member in &self.members {
                let key = (job.id, member.name.clone(), member.started_at);
                let counts = member.started_at > start && !entry::is_over(job, member.started_at);
                if counts && route::matches(&job.definition.target.nodes, member) && self.answered.insert(key) {
                    rows.push(row(job, member, now));
                }
            }
        }
        rows
    }
}

fn row(job: &Job, member: &Member, now: Timestamp) -> Run {
    let id = RunId::on_node(member.started_at, job.id, &member.name, Attempt::FIRST);
    Run {
        shard: Shard(1),
        node: Some(member.name.clone()),
        ..Run::new(id, job.id, job.revision, member.started_at, now)
    }
}
