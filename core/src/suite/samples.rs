//! What tests and measurements hand over when it does not matter what.

use std::sync::Arc;

use crate::id::{Attempt, Shard, Slot};
use crate::job::Job;
use crate::time::Timestamp;
use crate::wire::{Assignment, Handover};

/// The first attempt at the job's slot of this instant, to be started at once by the only node there is.
#[must_use]
pub fn assignment(job: &Arc<Job>, due_at: Timestamp, handover: Handover) -> Assignment {
    Assignment {
        run: Slot::new(job.id, due_at).run_id(Attempt::FIRST),
        handover,
        job: Arc::clone(job),
        due_at,
        attempt: Attempt::FIRST,
        shard: Shard(0),
        shards: 1,
        params: None,
        start_by: None,
        not_before: None,
        on_leave: false,
        secrets: None,
    }
}
