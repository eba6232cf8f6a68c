//! Jobs, their revisions, and the feed of changes.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::history::{Cursor, Page};
use crate::id::{JobId, Revision};
use crate::job::{Definition, Job, JobName, Pause};
use crate::time::Timestamp;

/// A place in the feed of changes; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeSequence(pub i64);

/// One change of one job.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Adds a job, at revision 1. Its name must be free among the jobs that are not deleted.
    Add(Arc<Definition>),
    /// Gives a job another definition, one revision on.
    Replace {
        /// Which job.
        job: JobId,
        /// Refused unless the job is at this revision; `None` replaces whatever is there.
        expected: Option<Revision>,
        /// What it shall be.
        definition: Arc<Definition>,
    },
    /// Pauses a job; the revision stays.
    Pause {
        /// Which job.
        job: JobId,
        /// Why and until when.
        pause: Pause,
    },
    /// Ends a pause: slots count from now on.
    Resume {
        /// Which job.
        job: JobId,
    },
    /// Deletes a job. Its row stays for the history, its name becomes free.
    Delete {
        /// Which job.
        job: JobId,
    },
}

impl Write {
    /// The job that is changed; absent when one is added.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        match self {
            Self::Add(_) => None,
            Self::Replace { job, .. } | Self::Pause { job, .. } | Self::Resume { job } | Self::Delete { job } => {
                Some(*job)
            }
        }
    }

    /// The name the job shall have; absent when the change is not about its definition.
    #[must_use]
    pub fn name(&self) -> Option<&JobName> {
        match self {
            Self::Add(definition) | Self::Replace { definition, .. } => Some(&definition.name),
            Self::Pause { .. } | Self::Resume { .. } | Self::Delete { .. } => None,
        }
    }

    /// Whether the change may be made to `current`: the same answer in every store. Whether a name is free is asked
    /// after this.
    ///
    /// # Errors
    /// `NoSuchJob` when the job was deleted, `RevisionConflict` when it is not at the revision the change names.
    pub fn check(&self, current: &Job) -> Result<()> {
        if current.deleted {
            return Err(Error::NoSuchJob { job: current.id.to_string() });
        }
        match self {
            Self::Replace { expected: Some(expected), .. } if *expected != current.revision => {
                Err(Error::RevisionConflict { job: current.id, expected: *expected, current: current.revision })
            }
            _ => Ok(()),
        }
    }
}

/// A job as it is after a change, with the change's place in the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Grows in the order of commits: whoever has read up to here has missed nothing before.
    pub sequence: ChangeSequence,
    /// The job at its newest.
    pub job: Arc<Job>,
}

/// Which jobs without runs may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobRetention {
    /// Those that were changed last before this instant.
    pub before: Timestamp,
    /// When it is now.
    pub now: Timestamp,
    /// At most this many of each kind in one call.
    pub limit: usize,
}

/// Which jobs went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrunedJobs {
    /// Jobs made of submissions that were deleted.
    pub deleted: usize,
    /// Deleted jobs that were forgotten, with their revisions.
    pub forgotten: usize,
    /// Whether the limit ended it: call again soon.
    pub more: bool,
}

/// Definitions and their revisions.
#[async_trait]
pub trait Jobs: Send + Sync + Debug {
    /// Makes all the changes or none, in order; returns the jobs as they are now, in the same order. What a change
    /// does to a job is decided by [`Job::added`] and [`Job::changed`], the same for every store.
    ///
    /// # Errors
    /// `NameTaken`, `NoSuchJob`, `RevisionConflict`, `Unavailable`.
    async fn write_jobs(&self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Arc<Job>>>;

    /// The jobs changed after `after`, each once at its newest, in the order of the feed, at most `limit`. From
    /// [`ChangeSequence::default`] on it gives every job there is, deleted ones included.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn job_changes(&self, after: ChangeSequence, limit: usize) -> Result<Vec<Change>>;

    /// The job of this id, even if it is deleted.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn job(&self, id: JobId) -> Result<Option<Arc<Job>>>;

    /// The job of this name that is not deleted.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn job_by_name(&self, name: &str) -> Result<Option<Arc<Job>>>;

    /// Of the deleted jobs that had this name, the one that was deleted last. Takes a look at all deleted jobs: for people
    /// who ask what became of one.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn deleted_job(&self, name: &str) -> Result<Option<Arc<Job>>>;

    /// The job that people mean by this: its id, or its name. Deleted ones are meant by neither.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn job_meant(&self, id_or_name: &str) -> Result<Option<Arc<Job>>> {
        match id_or_name.parse() {
            Ok(id) => Ok(self.job(JobId(id)).await?.filter(|job| !job.deleted)),
            Err(_) => self.job_by_name(id_or_name).await,
        }
    }

    /// The job whose history people mean by this: its id, deleted or not; or a name, and if no job has that now, the
    /// one that had it last.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn job_remembered(&self, id_or_name: &str) -> Result<Option<Arc<Job>>> {
        if let Ok(id) = id_or_name.parse() {
            return self.job(JobId(id)).await;
        }
        match self.job_by_name(id_or_name).await? {
            Some(job) => Ok(Some(job)),
            None => self.deleted_job(id_or_name).await,
        }
    }

    /// A job's revisions, newest first, at most `limit`: each as the job was when that revision was made.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn revisions(&self, job: JobId, limit: usize) -> Result<Vec<Arc<Job>>>;

    /// Forgets the revisions beyond each job's newest `keep`, but for those that a run names which is kept; 0 keeps all.
    /// Goes through the jobs that have more, by id, a page at a time; returns how many revisions it forgot, and where
    /// the next page starts.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune_revisions(&self, keep: u32, page: &Page<JobId>) -> Result<(usize, Cursor<JobId>)>;

    /// Deletes jobs that were made of submissions ([`JobName::is_ad_hoc`]) and have no run any more, and forgets deleted
    /// jobs that have none, with their revisions.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune_jobs(&self, retention: JobRetention) -> Result<PrunedJobs>;
}
