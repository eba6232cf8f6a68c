//! The lists of runs with a mark, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use std::collections::BTreeMap;

use cronbus_core::id::RunId;
use cronbus_core::port::store::{Cursor, Error, Page, RunFilter};
use cronbus_core::run::{Mark, Run};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, queries};
use crate::store::failure::Failure;
use crate::store::rows::{MarkedRow, NewMark, RunRow};
use crate::store::schema::{run_marks, runs};

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
