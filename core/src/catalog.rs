//! The jobs as this process knows them, for whoever starts late: actors that were restarted, and the surfaces.
//!
//! Written by the monitor alone, as it follows the feed of changes. Not the truth: that is the store.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::id::JobId;
use crate::job::Job;
use crate::time::Timestamp;

/// All jobs that are not deleted, and those that were while slots of theirs had no answer.
#[derive(Debug, Default)]
pub struct Catalog(RwLock<Jobs>);

#[derive(Debug, Default)]
struct Jobs {
    by_id: HashMap<JobId, Arc<Job>>,
    left_over: HashMap<JobId, Arc<Job>>,
    seen: Option<Timestamp>,
}

impl Catalog {
    /// Jobs are new or were changed.
    pub fn learn(&self, jobs: &[Arc<Job>]) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for job in jobs {
            if job.deleted {
                all.by_id.remove(&job.id);
                if job.former.is_some() {
                    all.left_over.insert(job.id, Arc::clone(job));
                }
            } else {
                all.by_id.insert(job.id, Arc::clone(job));
            }
        }
    }

    /// Every change made before `at` has been learnt.
    pub fn seen(&self, at: Timestamp) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).seen = Some(at);
    }

    /// The job of this id, if it is not deleted.
    #[must_use]
    pub fn get(&self, id: JobId) -> Option<Arc<Job>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).map(Arc::clone)
    }

    /// All jobs, with what was deleted and has slots without an answer, and up to which instant all changes are in them;
    /// `None` while the first look is not over.
    #[must_use]
    pub fn all(&self) -> (Vec<Arc<Job>>, Option<Timestamp>) {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (all.by_id.values().chain(all.left_over.values()).map(Arc::clone).collect(), all.seen)
    }

    /// Up to which instant all changes are known; `None` while the first look is not over.
    #[must_use]
    pub fn all_seen(&self) -> Option<Timestamp> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).seen
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
