//! The lists of runs and of jobs with a mark, on a plain connection; writes within a transaction of the caller.

use std::sync::Arc;

use cronbus_core::id::RunId;
use cronbus_core::job::{self, Job};
use cronbus_core::port::store::{Cursor, Error, JobFilter, Page, RunFilter};
use cronbus_core::run::{Mark, Run};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::queries;
use crate::store::failure::Failure;
use crate::store::rows::{JobMarks, JobRow, MarkedRow, NewMark, RunRow};
use crate::store::schema::{job_marks, jobs, run_marks, runs};

pub(super) fn keep<'r>(
    connection: &mut SqliteConnection,
    marks: impl IntoIterator<Item = NewMark<'r>>,
) -> QueryResult<()> {
    for mark in marks {
        diesel::insert_or_ignore_into(run_marks::table).values(mark).execute(connection)?;
    }
    Ok(())
}

/// Forgets the marks of runs that are about to be forgotten.
pub(super) fn forget(connection: &mut SqliteConnection, doomed: &[Vec<u8>]) -> QueryResult<()> {
    let rows: Vec<MarkedRow> = queries::with_marks(doomed).select(MarkedRow::as_select()).load(connection)?;
    for row in rows {
        for mark in row.marks() {
            diesel::delete(run_marks::table.find((mark, &row.id))).execute(connection)?;
        }
    }
    Ok(())
}

/// A page of the runs with one of these marks. A run that went between two looks is left out of the page, which is
/// shorter then.
pub(super) fn runs(
    connection: &mut SqliteConnection,
    marks: &[Mark],
    filter: &RunFilter,
    page: &Page<RunId>,
) -> Result<(Vec<Run>, Cursor<RunId>), Failure> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for mark in marks {
        keys.extend(queries::marks_page(*mark, filter, page).load::<Vec<u8>>(connection)?);
    }
    let (keys, next) = queries::newest(keys, page.limit)?;
    let rows: Vec<RunRow> = runs::table.filter(runs::id.eq_any(keys)).order(runs::id.desc()).load(connection)?;
    let found: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok((found?, next))
}

/// Writes what changes of jobs did to their marks.
pub(super) fn keep_of_jobs(connection: &mut SqliteConnection, marks: JobMarks) -> QueryResult<()> {
    for row in &marks.gone {
        diesel::delete(job_marks::table.find((&row.mark, &row.name))).execute(connection)?;
    }
    for row in &marks.new {
        diesel::insert_or_ignore_into(job_marks::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// A page of the jobs with this mark; those that the rest of the filter keeps out are missing from it.
pub(super) fn jobs(
    connection: &mut SqliteConnection,
    mark: &job::Mark,
    filter: &JobFilter,
    page: &Page<String>,
    now: Timestamp,
) -> Result<(Vec<Arc<Job>>, Cursor<String>), Failure> {
    let names: Vec<String> = queries::names_page(mark, page).load(connection)?;
    let (names, next) = queries::cut(names, page.limit, Clone::clone);
    let rest = Page { after: None, limit: page.limit };
    let query = queries::jobs_page(filter, &rest, now).filter(jobs::name.eq_any(names));
    let rows: Vec<JobRow> = query.select(JobRow::as_select()).load(connection)?;
    let found: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(Arc::<Job>::try_from).collect();
    Ok((found?, next))
}
