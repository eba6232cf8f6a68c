//! Finding runs among many millions without ever reading them all.
//!
//! Runs lie in the order of their due moments, so a page of all runs, or of one job's, is read at once; those that are not
//! over or have a mark are in lists of their own. All others that fit a filter, such as those of a node, are looked for in
//! windows of time, back from now, each twice as long as the one before, until there are enough, or it has taken long
//! enough. Then the page is as long as it is, and says how far it has got.

use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;

use crate::web::access::{Sight, sift};
use crate::web::problem::Problem;
use crate::web::session::Principal;
use crate::web::site::Site;

/// The first window.
const FIRST_WINDOW: Duration = Duration::from_secs(3600);

/// No new window is begun after this long.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);

/// How far back anybody looks: no run is older.
const OLDEST: Duration = Duration::from_secs(20 * 365 * 24 * 3600);

/// Runs may be made this long before they are due.
const AHEAD: Duration = Duration::from_secs(3600);

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The newest first.
    pub(crate) runs: Vec<Run>,
    /// Where to go on.
    pub(crate) next: Option<RunId>,
    /// Set when it was given up for now: everything due since then was looked at.
    pub(crate) back_to: Option<Timestamp>,
}

/// A page of the runs that fit.
///
/// # Errors
/// 503 when the store does not answer.
pub(crate) async fn find(site: &Site, filter: &RunFilter, page: Page<RunId>, by: &Principal) -> Result<Found, Problem> {
    if !filter.is_search() {
        let (runs, next) = listed(site, filter, page, by).await?;
        return Ok(Found { runs, next, back_to: None });
    }
    let now = site.clock.now();
    let until = page.after.map_or(now + AHEAD, RunId::due_at).min(filter.until.unwrap_or(Timestamp::MAX));
    let from = filter.from.unwrap_or(now - OLDEST);
    in_windows(&mut Sight::of(site, by), filter, page, Span { from, until }).await
}

/// A page of runs that lie together.
async fn listed(
    site: &Site,
    filter: &RunFilter,
    page: Page<RunId>,
    by: &Principal,
) -> Result<(Vec<Run>, Option<RunId>), Problem> {
    let mut sight = Sight::of(site, by);
    // A job that was asked for has been found to be one that he sees.
    if sight.sees_all() || filter.job.is_some() {
        return Ok(site.store.runs(filter, &page).await?);
    }
    let read = async |page| Ok(site.store.runs(filter, &page).await?);
    sift(page, |run: &Run| run.id, read, async |run| sight.sees_job(run.job).await).await
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
