//! Revisions and jobs that nobody needs any more. What may go is looked for on a connection that reads, and looked at
//! again where it goes.

use cronbus_core::id::JobId;
use cronbus_core::port::store::{JobRetention, Page, PrunedJobs, Write};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::jobs::{self as changes, Author};
use super::queries::{self, Idle};
use crate::store::failure::Failure;
use crate::store::schema::{job_revisions, jobs, runs};

/// Who deletes jobs that nobody needs.
const BY: &str = "retention";

/// The jobs with more revisions than the newest `keep`, and the revision each is at.
pub(super) fn with_surplus(
    connection: &mut SqliteConnection,
    keep: i32,
    page: &Page<JobId>,
) -> Result<Vec<(i64, i32)>, Failure> {
    Ok(queries::with_surplus(keep, page).select((jobs::id, jobs::revision)).load(connection)?)
}

/// Forgets those revisions that no run names; how many there were.
pub(super) fn forget_revisions(
    connection: &mut SqliteConnection,
    keep: i32,
    surplus: &[(i64, i32)],
) -> Result<usize, Failure> {
    let mut count: usize = 0;
    for (job, newest) in surplus {
        let named: Vec<i32> =
            runs::table.filter(runs::job.eq(job)).select(runs::revision).distinct().load(connection)?;
        let of_job = job_revisions::table.filter(job_revisions::job.eq(job));
        let doomed = of_job
            .filter(job_revisions::revision.le(newest.saturating_sub(keep)))
            .filter(job_revisions::revision.ne_all(named));
        count = count.saturating_add(diesel::delete(doomed).execute(connection)?);
    }
    Ok(count)
}

/// The jobs of a kind that may go, one more than the limit.
pub(super) fn idle(
    connection: &mut SqliteConnection,
    kind: Idle,
    retention: JobRetention,
) -> Result<Vec<i64>, Failure> {
    Ok(queries::idle(kind, retention).select(jobs::id).load(connection)?)
}

/// Lets those of the jobs go that still may.
pub(super) fn forget_jobs(
    connection: &mut SqliteConnection,
    (ad_hoc, deleted): (&[i64], &[i64]),
    retention: JobRetention,
) -> Result<PrunedJobs, Failure> {
    let idle = still(connection, Idle::AdHoc, ad_hoc, retention)?;
    let writes: Vec<Write> = idle.iter().map(|id| Write::Delete { job: JobId(*id) }).collect();
    let author = Author { name: BY.to_owned(), at: retention.now };
    changes::write(connection, &writes, &author)?;
    let doomed = still(connection, Idle::Deleted, deleted, retention)?;
    for id in &doomed {
        diesel::delete(job_revisions::table.filter(job_revisions::job.eq(id))).execute(connection)?;
        diesel::delete(jobs::table.find(id)).execute(connection)?;
    }
    Ok(PrunedJobs { deleted: idle.len(), forgotten: doomed.len(), more: false })
}

fn still(
    connection: &mut SqliteConnection,
    kind: Idle,
    ids: &[i64],
    retention: JobRetention,
) -> Result<Vec<i64>, Failure> {
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        found.extend(
            queries::idle(kind, retention)
                .filter(jobs::id.eq_any(chunk.to_vec()))
                .select(jobs::id)
                .load::<i64>(connection)?,
        );
    }
    Ok(found)
}
