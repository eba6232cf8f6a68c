//! The audit trail, on a plain connection within a transaction of the caller.

use std::sync::Arc;

use cronbus_core::audit::{Entry, EntryId, Trail};
use cronbus_core::job::Job;
use cronbus_core::port::store::{AuditFilter, Cursor, Page, Write};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::audit_queries;
use super::jobs::{self, Author};
use super::queries::{cut, row_count};
use crate::store::failure::Failure;
use crate::store::rows::{NewEntry, entry_key, of_alert, of_alerts};
use crate::store::schema::audit_entries;

pub(super) fn write_jobs(
    connection: &mut SqliteConnection,
    writes: &[Write],
    trail: &Trail,
) -> Result<Vec<Arc<Job>>, Failure> {
    let author = Author { name: trail.actor.name.clone(), at: trail.at };
    let changed = jobs::write(connection, writes, &author)?;
    for (number, (write, (before, after))) in writes.iter().zip(&changed).enumerate() {
        let entry = cronbus_core::audit::of_job(trail, number, write, before.as_deref(), after);
        keep(connection, &[entry])?;
    }
    Ok(changed.into_iter().map(|(_, job)| job).collect())
}

pub(super) fn keep(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<(), Failure> {
    for entry in entries {
        diesel::insert_or_ignore_into(audit_entries::table).values(NewEntry::from(entry)).execute(connection)?;
    }
    Ok(())
}

pub(super) fn entries(
    connection: &mut SqliteConnection,
    filter: &AuditFilter,
    page: &Page<EntryId>,
) -> Result<(Vec<Entry>, Cursor<EntryId>), Failure> {
    let documents = audit_queries::entries_page(filter, page).select(audit_entries::document).load(connection)?;
    Ok(cut(of_alerts("audit_entries", documents)?, page.limit, |entry: &Entry| entry.id))
}

pub(super) fn entry(connection: &mut SqliteConnection, id: EntryId) -> Result<Option<Entry>, Failure> {
    let row = audit_entries::table.find(entry_key(id)).select(audit_entries::document);
    let document: Option<String> = row.first(connection).optional()?;
    Ok(document.map(|document| of_alert("audit_entries", &document)).transpose()?)
}

pub(super) fn prune(connection: &mut SqliteConnection, before: Timestamp, limit: usize) -> Result<usize, Failure> {
    let old = audit_entries::table.filter(audit_entries::id.lt(entry_key(EntryId::floor(before))));
    let old = old.order(audit_entries::id).select(audit_entries::id).limit(row_count(limit));
    let doomed: Vec<Vec<u8>> = old.load(connection)?;
    let Some(last) = doomed.last() else { return Ok(0) };
    Ok(diesel::delete(audit_entries::table.filter(audit_entries::id.le(last))).execute(connection)?)
}
