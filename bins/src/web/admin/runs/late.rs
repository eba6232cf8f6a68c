//! Runs that started late.

use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::port::store::{Page, RunFilter};

use crate::web::access::Sight;
use crate::web::found_runs::{Found, PATIENCE};
use crate::web::problem::Problem;
use crate::web::session::Principal;
use crate::web::site::Site;

/// How many runs are read at a time: each has to be looked at.
const READ: usize = 500;

/// A page of the runs that fit and started later than `late_after` behind their moment. Nothing has an index for that: runs
/// are read in their order, until there are enough of them, or it has taken long enough.
///
/// # Errors
/// 503 when the store does not answer.
pub(super) async fn find_late(
    site: &Site,
    filter: &RunFilter,
    page: Page<RunId>,
    late_after: Duration,
    by: &Principal,
) -> Result<Found, Problem> {
    let begun = site.clock.monotonic();
    let late_ms = i64::try_from(late_after.as_millis()).unwrap_or(i64::MAX);
    let (mut found, mut after, mut sight) = (Found::default(), page.after, Sight::of(site, by));
    loop {
        let (runs, next) = site.store.runs(filter, &Page { after, limit: READ }).await?;
        let late = runs.into_iter().filter(|run| run.lateness_ms().is_some_and(|late| late > late_ms)).collect();
        for run in sight.of_runs(late).await? {
            if found.runs.len() == page.limit {
                found.next = found.runs.last().map(|last| last.id);
                return Ok(found);
            }
            found.runs.push(run);
        }
        after = next;
        let is_over = after.is_none();
        if is_over || site.clock.monotonic().saturating_sub(begun) >= PATIENCE {
            (found.next, found.back_to) = (after, after.map(RunId::due_at));
            return Ok(found);
        }
    }
}
