//! Finding runs among many millions without ever reading them all.
//!
//! Runs lie in the order of their due moments, so a page of all runs, or of one job's, is read at once. What else they are
//! filtered by has no index: such runs are looked for in windows of time, back from now, each twice as long as the one
//! before, until there are enough, or it has taken long enough. Then the page says how far it has got.

use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;

use crate::web::access::Sight;
use crate::web::api::runs;
use crate::web::problem::Problem;
use crate::web::session::Principal;
use crate::web::site::Site;

/// The first window.
const FIRST_WINDOW: Duration = Duration::from_secs(3600);

/// No new window is begun after this long.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How many runs are read at a time where each has to be looked at.
const READ: usize = 500;

/// How far back anybody looks: no run is older.
const OLDEST: Duration = Duration::from_secs(20 * 365 * 24 * 3600);

/// Runs may be made this long before they are due.
const AHEAD: Duration = Duration::from_secs(3600);

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The newest first.
    pub(super) runs: Vec<Run>,
    /// Where to go on.
    pub(super) next: Option<RunId>,
    /// Set when it was given up for now: everything due since then was looked at.
    pub(super) back_to: Option<Timestamp>,
}

/// A page of the runs that fit.
///
/// # Errors
/// 503 when the store does not answer.
pub(super) async fn find(site: &Site, filter: &RunFilter, page: Page<RunId>, by: &Principal) -> Result<Found, Problem> {
    let has_index = filter.states.is_empty() && filter.node.is_none() && filter.trigger.is_none();
    // A job that was asked for has been found to be one that he sees.
    if has_index || filter.job.is_some() {
        let (runs, next) = match filter.job {
            Some(_) => site.store.runs(filter, &page).await?,
            None => runs::seen(site, filter, page, by).await?,
        };
        return Ok(Found { runs, next, back_to: None });
    }
    let now = site.clock.now();
    let until = page.after.map_or(now + AHEAD, RunId::due_at).min(filter.until.unwrap_or(Timestamp::MAX));
    let from = filter.from.unwrap_or(now - OLDEST);
    in_windows(&mut Sight::of(site, by), filter, page, Span { from, until }).await
}

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

struct Span {
    from: Timestamp,
    until: Timestamp,
}

async fn in_windows(
    sight: &mut Sight<'_>,
    filter: &RunFilter,
    page: Page<RunId>,
    span: Span,
) -> Result<Found, Problem> {
    let site = sight.site();
    let begun = site.clock.monotonic();
    let (mut found, mut after, mut window, mut end) = (Found::default(), page.after, FIRST_WINDOW, span.until);
    while span.from < end {
        let start = span.from.max(end - window);
        let part = RunFilter { from: Some(start), ..filter.clone() };
        let limit = page.limit - found.runs.len();
        let (runs, next) = site.store.runs(&part, &Page { after, limit }).await?;
        found.runs.append(&mut sight.of_runs(runs).await?);
        if next.is_some() {
            found.next = next;
            return Ok(found);
        }
        after = Some(RunId::floor(start));
        if found.runs.len() >= page.limit {
            found.next = after.filter(|_| span.from < start);
            return Ok(found);
        }
        if site.clock.monotonic().saturating_sub(begun) >= PATIENCE && span.from < start {
            (found.next, found.back_to) = (after, Some(start));
            return Ok(found);
        }
        (end, window) = (start, window.saturating_mul(2));
    }
    Ok(found)
}
