//! The rows of the store in memory. What may be done to them is in the modules beside this one.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::audit::{Entry, EntryId};
use crate::id::{Epoch, JobId, NodeName, Partition, Revision, RunId};
use crate::job::Job;
use crate::port::store::ChangeSequence;
use crate::run::Run;
use crate::secret::{Secret, SecretName};
use crate::time::Timestamp;

use super::accounts::AccountTables;
use super::alerts::AlertTables;

/// Everything the store knows.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Every job ever added, deleted ones included, with its place in the feed.
    pub(super) jobs: BTreeMap<JobId, (ChangeSequence, Arc<Job>)>,
    /// The jobs that are not deleted, by name.
    pub(super) names: BTreeMap<String, JobId>,
    /// The feed: each job once, where it was changed last.
    pub(super) feed: BTreeMap<ChangeSequence, JobId>,
    /// Each revision as it was made.
    pub(super) revisions: BTreeMap<(JobId, Revision), Arc<Job>>,
    /// The id given to the job added last.
    pub(super) last_job: JobId,
    /// The place given to the change made last.
    pub(super) last_change: ChangeSequence,
    /// Every run that is kept.
    pub(super) runs: BTreeMap<RunId, Run>,
    /// The runs of idempotency keys.
    pub(super) keys: BTreeMap<String, RunId>,
    /// The partitions that were ever owned.
    pub(super) partitions: BTreeMap<Partition, Ownership>,
    /// What is to be told.
    pub(super) alerts: AlertTables,
    /// What nobody reads.
    pub(super) secrets: BTreeMap<SecretName, Secret>,
    /// Who did what.
    pub(super) audit: BTreeMap<EntryId, Entry>,
    /// Who there is.
    pub(super) accounts: AccountTables,
}

/// Who owns a partition, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Ownership {
    /// Who claimed it last.
    pub(super) owner: NodeName,
    /// The epoch in force.
    pub(super) epoch: Epoch,
    /// Up to where its slots were created.
    pub(super) watermark: Timestamp,
}

impl Tables {
    /// The job of this id, even if it is deleted.
    pub(super) fn job(&self, id: JobId) -> Option<&Arc<Job>> {
        self.jobs.get(&id).map(|(_, job)| job)
    }

    /// Up to where the slots of a partition were created.
    pub(super) fn watermark(&self, partition: Partition) -> Timestamp {
        self.partitions.get(&partition).map_or(Timestamp::EPOCH, |ownership| ownership.watermark)
    }

    /// The job of this name that is not deleted.
    pub(super) fn job_by_name(&self, name: &str) -> Option<&Arc<Job>> {
        self.job(*self.names.get(name)?)
    }

    /// Of the deleted jobs that had this name, the one that was deleted last.
    pub(super) fn deleted_job(&self, name: &str) -> Option<&Arc<Job>> {
        let newest_first = self.feed.values().rev().filter_map(|id| self.job(*id));
        newest_first.into_iter().find(|job| job.deleted && job.definition.name.as_str() == name)
    }
}
