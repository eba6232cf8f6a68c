//! The lists of runs and of jobs with a mark, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use std::collections::BTreeMap;
use std::sync::Arc;

use cronbus_core::id::RunId;
use cronbus_core::job::{self, Job};
use cronbus_core::port::store::{Cursor, Error, JobFilter, Page, RunFilter};
use cronbus_core::run::{Mark, Run};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, queries};
use crate::store::failure::Failure;
use crate::store::rows::{JobMarks, JobRow, MarkedRow, NewJobMark, NewMark, RunRow};
use crate::store::schema::{job_marks, jobs, run_marks, runs};

/// How many rows one statement names.
const AT_ONCE: usize = 500;

/// Adds marks, in the order in which all who add them lock.
pub(super) async fn keep(connection: &mut Connection, marks: impl Iterator<Item = NewMark<'_>>) -> QueryResult<()> {
    let mut marks: Vec<NewMark<'_>> = marks.collect();
    marks.sort_unstable();
    for rows in marks.chunks(AT_ONCE) {
        insert_new!(run_marks::table, rows).execute(connection).await?;
    }
    Ok(())
}

/// Forgets the marks of runs that are about to be forgotten.
pub(super) async fn forget(connection: &mut Connection, doomed: &[Vec<u8>]) -> QueryResult<()> {
    let rows: Vec<MarkedRow> = queries::with_marks(doomed).select(MarkedRow::as_select()).load(connection).await?;
    let mut by_mark: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
    for row in &rows {
        for mark in row.marks() {
            by_mark.entry(mark).or_default().push(&row.id);
        }
    }
    for (mark, ids) in by_mark {
        let of_mark = run_marks::table.filter(run_marks::mark.eq(mark)).filter(run_marks::run.eq_any(ids));
        diesel::delete(of_mark).execute(connection).await?;
    }
    Ok(())
}

/// A page of the runs with one of these marks. A run that went between two looks is left out of the page, which is
/// shorter then.
pub(super) async fn runs(
    connection: &mut Connection,
    marks: &[Mark],
    filter: &RunFilter,
    page: &Page<RunId>,
) -> Result<(Vec<Run>, Cursor<RunId>), Failure> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for mark in marks {
        let listed: Vec<Vec<u8>> = queries::marks_page(*mark, filter, page).load(connection).await?;
        keys.extend(listed);
    }
    let (keys, next) = queries::newest(keys, page.limit)?;
    let rows: Vec<RunRow> = runs::table.filter(runs::id.eq_any(keys)).order(runs::id.desc()).load(connection).await?;
    let found: Result<Vec<Run>, Error> = rows.into_iter().map(Run::try_from).collect();
    Ok((found?, next))
}

/// Writes what changes of jobs did to their marks.
pub(super) async fn keep_of_jobs(connection: &mut Connection, marks: JobMarks) -> QueryResult<()> {
    let mut by_mark: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for NewJobMark { mark, name } in marks.gone {
        by_mark.entry(mark).or_default().push(name);
    }
    for (mark, names) in by_mark {
        for names in names.chunks(AT_ONCE) {
            let of_mark = job_marks::table.filter(job_marks::mark.eq(&mark)).filter(job_marks::name.eq_any(names));
            diesel::delete(of_mark).execute(connection).await?;
        }
    }
    let new: Vec<NewJobMark> = marks.new.into_iter().collect();
    for rows in new.chunks(AT_ONCE) {
        insert_new!(job_marks::table, rows).execute(connection).await?;
    }
    Ok(())
}

/// A page of the jobs with this mark; those that the rest of the filter keeps out are missing from it.
pub(super) async fn jobs(
    connection: &mut Connection,
    mark: &job::Mark,
    filter: &JobFilter,
    page: &Page<String>,
    now: Timestamp,
) -> Result<(Vec<Arc<Job>>, Cursor<String>), Failure> {
    let names: Vec<String> = queries::names_page(mark, page).load(connection).await?;
    let (names, next) = queries::cut(names, page.limit, Clone::clone);
    let rest = Page { after: None, limit: page.limit };
    let query = queries::jobs_page(filter, &rest, now).filter(jobs::name.eq_any(names));
    let rows: Vec<JobRow> = query.select(JobRow::as_select()).load(connection).await?;
    let found: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(Arc::<Job>::try_from).collect();
    Ok((found?, next))
}
