//! The port of the audit trail: each call becomes one closure on a thread that may block.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::audit::{Entry, EntryId, Trail};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Audit, AuditFilter, Cursor, Page, Result, Write};
use cronbus_core::time::Timestamp;

use super::{SqliteStore, audit};

#[async_trait]
impl Audit for SqliteStore {
    async fn write_jobs_on_record(&self, writes: &[Write], trail: &Trail) -> Result<Vec<Arc<Job>>> {
        let (writes, trail) = (writes.to_vec(), trail.clone());
        self.write("change jobs", move |connection| audit::write_jobs(connection, &writes, &trail)).await
    }

    async fn keep_entries(&self, entries: &[Entry]) -> Result<()> {
        let entries = entries.to_vec();
        self.write("note who did it", move |connection| audit::keep(connection, &entries)).await
    }

    async fn entries(&self, filter: &AuditFilter, page: &Page<EntryId>) -> Result<(Vec<Entry>, Cursor<EntryId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.read("list who did what", move |connection| audit::entries(connection, &filter, &page)).await
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        self.read("read who did it", move |connection| audit::entry(connection, id)).await
    }

    async fn prune_entries(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.write("forget who did what", move |connection| audit::prune(connection, before, limit)).await
    }
}
