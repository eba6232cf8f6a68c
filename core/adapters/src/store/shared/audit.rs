//! The audit trail, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use std::sync::Arc;

use cronbus_core::audit::{Entry, EntryId, Trail};
use cronbus_core::job::Job;
use cronbus_core::port::store::{AuditFilter, Cursor, Page, Write};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::jobs;
use super::queries::{cut, row_count};
use super::{Connection, audit_queries};
use crate::store::failure::Failure;
use crate::store::rows::{NewEntry, entry_key, of_alert, of_alerts};
use crate::store::schema::audit_entries;
use crate::store::server::jobs::{Author, Changed};

/// How many rows one statement names.
const AT_ONCE: usize = 500;

pub(super) async fn write_jobs(
    connection: &mut Connection,
    writes: &[Write],
    trail: &Trail,
) -> Result<Vec<Arc<Job>>, Failure> {
    let author = Author { name: trail.actor.name.clone(), at: trail.at };
    let changed = jobs::write(connection, writes, &author).await?;
    let told = writes.iter().zip(&changed).enumerate();
    let of_change = |(number, (write, (before, after))): (usize, (&Write, &Changed))| {
        cronbus_core::audit::of_job(trail, number, write, before.as_deref(), after)
    };
    let entries: Vec<Entry> = told.map(of_change).collect();
    keep(connection, &entries).await?;
    Ok(changed.into_iter().map(|(_, job)| job).collect())
}

pub(super) async fn keep(connection: &mut Connection, entries: &[Entry]) -> Result<(), Failure> {
    for entries in entries.chunks(AT_ONCE) {
        let rows: Vec<NewEntry<'_>> = entries.iter().map(NewEntry::from).collect();
        insert_new!(audit_entries::table, rows).execute(connection).await?;
    }
    Ok(())
}

pub(super) async fn entries(
    connection: &mut Connection,
    filter: &AuditFilter,
    page: &Page<EntryId>,
) -> Result<(Vec<Entry>, Cursor<EntryId>), Failure> {
    let documents = audit_queries::entries_page(filter, page).select(audit_entries::document).load(connection).await?;
    Ok(cut(of_alerts("audit_entries", documents)?, page.limit, |entry: &Entry| entry.id))
}

pub(super) async fn entry(connection: &mut Connection, id: EntryId) -> Result<Option<Entry>, Failure> {
    let row = audit_entries::table.find(entry_key(id)).select(audit_entries::document);
    let document: Option<String> = row.first(connection).await.optional()?;
    Ok(document.map(|document| of_alert("audit_entries", &document)).transpose()?)
}

pub(super) async fn prune(connection: &mut Connection, before: Timestamp, limit: usize) -> Result<usize, Failure> {
    let old = audit_entries::table.filter(audit_entries::id.lt(entry_key(EntryId::floor(before))));
    let old = old.order(audit_entries::id).select(audit_entries::id).limit(row_count(limit));
    let doomed: Vec<Vec<u8>> = old.load(connection).await?;
    let Some(last) = doomed.last() else { return Ok(0) };
    Ok(diesel::delete(audit_entries::table.filter(audit_entries::id.le(last))).execute(connection).await?)
}
