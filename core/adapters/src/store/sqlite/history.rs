//! Lists by key, on a plain connection.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::id::{JobId, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Cursor, Error, JobFilter, Lookup, Page, RunFilter, Tally};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::{marks, queries};
use crate::store::failure::Failure;
use crate::store::rows::{JobRow, RunRow};

pub(super) fn runs(
    connection: &mut SqliteConnection,
    filter: &RunFilter,
    page: &Page<RunId>,
) -> Result<(Vec<Run>, Cursor<RunId>), Failure> {
    let rows: Vec<RunRow> = match filter.lookup() {
        Lookup::Marks(marks) => return marks::runs(connection, &marks, filter, page),
        Lookup::Unfinished => queries::unfinished_page(filter, page).load(connection)?,
        Lookup::Order => queries::runs_page(filter, page).load(connection)?,
    };
    let found: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok(queries::cut(found?, page.limit, |run| run.id))
}

pub(super) fn jobs(
    connection: &mut SqliteConnection,
    filter: &JobFilter,
    page: &Page<String>,
    now: Timestamp,
) -> Result<(Vec<Arc<Job>>, Cursor<String>), Failure> {
    if let Some(mark) = filter.lookup() {
        return marks::jobs(connection, &mark, filter, page, now);
    }
    let rows: Vec<JobRow> = queries::jobs_page(filter, page, now).select(JobRow::as_select()).load(connection)?;
    let found: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(Arc::<Job>::try_from).collect();
    Ok(queries::cut(found?, page.limit, |job| job.definition.name.as_str().to_owned()))
}

pub(super) fn count_runs(
    connection: &mut SqliteConnection,
    job: Option<JobId>,
    from: Timestamp,
) -> Result<Vec<(State, u64)>, Failure> {
    let counts: Vec<(i32, i64)> = queries::counts(job, from).load(connection)?;
    let counted: Result<Vec<(State, u64)>, Error> = counts.into_iter().map(queries::counted).collect();
    Ok(counted?)
}

pub(super) fn tally(
    connection: &mut SqliteConnection,
    from: Timestamp,
    until: Timestamp,
    late_after: Duration,
) -> Result<Tally, Failure> {
    let counts: Vec<(i32, i64)> = queries::counts_between(from, until).load(connection)?;
    let late: i64 = queries::late_between(from, until, late_after).get_result(connection)?;
    let states: Result<Vec<(State, u64)>, Error> = counts.into_iter().map(queries::counted).collect();
    Ok(Tally { states: states?, late: u64::try_from(late).unwrap_or(0) })
}
