//! Revisions and jobs that nobody needs any more. What may go is looked for first, and looked at again where it goes:
//! whoever submits a run holds its job meanwhile.

use cronbus_core::id::JobId;
use cronbus_core::port::store::{JobRetention, Page, PrunedJobs, Write};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::queries::{self, Idle};
use super::{Connection, jobs as changes};
use crate::store::failure::Failure;
use crate::store::schema::{job_revisions, jobs, runs};
use crate::store::server::jobs::Author;

/// Who deletes jobs that nobody needs.
const BY: &str = "retention";

/// How many rows one statement names.
const AT_ONCE: usize = 500;

/// The jobs with more revisions than the newest `keep`, and the revision each is at.
pub(super) async fn with_surplus(
    connection: &mut Connection,
    keep: i32,
    page: &Page<JobId>,
) -> Result<Vec<(i64, i32)>, Failure> {
    Ok(queries::with_surplus(keep, page).select((jobs::id, jobs::revision)).load(connection).await?)
}

/// Forgets those revisions that no run names; how many there were.
pub(super) async fn forget_revisions(
    connection: &mut Connection,
    keep: i32,
    surplus: &[(i64, i32)],
) -> Result<usize, Failure> {
    let mut count: usize = 0;
    for (job, newest) in surplus {
        let named = runs::table.filter(runs::job.eq(job)).select(runs::revision).distinct();
        let named: Vec<i32> = named.load(connection).await?;
        let of_job = job_revisions::table.filter(job_revisions::job.eq(job));
        let doomed = of_job
            .filter(job_revisions::revision.le(newest.saturating_sub(keep)))
            .filter(job_revisions::revision.ne_all(named));
        count = count.saturating_add(diesel::delete(doomed).execute(connection).await?);
    }
    Ok(count)
}

/// The jobs of a kind that may go, one more than the limit.
pub(super) async fn idle(
    connection: &mut Connection,
    kind: Idle,
    retention: JobRetention,
) -> Result<Vec<i64>, Failure> {
    Ok(queries::idle(kind, retention).select(jobs::id).load(connection).await?)
}

/// Lets those of the jobs go that still may. Jobs are locked in the order in which whoever changes them locks: the
/// numbers given last, then the rows.
pub(super) async fn forget_jobs(
    connection: &mut Connection,
    (ad_hoc, deleted): (&[i64], &[i64]),
    retention: JobRetention,
) -> Result<PrunedJobs, Failure> {
    changes::lock_numbers(connection).await?;
    let idle = still(connection, Idle::AdHoc, ad_hoc, retention).await?;
    let writes: Vec<Write> = idle.iter().map(|id| Write::Delete { job: JobId(*id) }).collect();
    changes::write(connection, &writes, &Author { name: BY.to_owned(), at: retention.now }).await?;
    let doomed = still(connection, Idle::Deleted, deleted, retention).await?;
    for ids in doomed.chunks(AT_ONCE) {
        diesel::delete(job_revisions::table.filter(job_revisions::job.eq_any(ids))).execute(connection).await?;
        diesel::delete(jobs::table.filter(jobs::id.eq_any(ids))).execute(connection).await?;
    }
    Ok(PrunedJobs { deleted: idle.len(), forgotten: doomed.len(), more: false })
}

/// Holds the rows, and sees only then whether the jobs have runs: whoever submitted one before has written it.
async fn still(
    connection: &mut Connection,
    kind: Idle,
    ids: &[i64],
    retention: JobRetention,
) -> Result<Vec<i64>, Failure> {
    let mut found = Vec::new();
    for chunk in ids.chunks(AT_ONCE) {
        let held = jobs::table.filter(jobs::id.eq_any(chunk)).order(jobs::id).select(jobs::id).for_update();
        let _held: Vec<i64> = held.load(connection).await?;
        let idle = queries::idle(kind, retention).filter(jobs::id.eq_any(chunk.to_vec())).select(jobs::id);
        found.extend(idle.load::<i64>(connection).await?);
    }
    Ok(found)
}
