//! The store's audit trail, slow and refusing as the rest of it.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::audit::{Entry, EntryId, Trail};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Audit, AuditFilter, Cursor, Jobs, Page, Result, Write};
use cronbus_core::time::Timestamp;

use super::store::Frail;

#[async_trait]
impl Audit for Frail {
    async fn write_jobs_on_record(&self, writes: &[Write], trail: &Trail) -> Result<Vec<Arc<Job>>> {
        self.write_jobs(writes, &trail.actor.name, trail.at).await
    }

    async fn keep_entries(&self, entries: &[Entry]) -> Result<()> {
        self.look().await?;
        self.ledger().store.keep_entries(entries).await
    }

    async fn entries(&self, filter: &AuditFilter, page: &Page<EntryId>) -> Result<(Vec<Entry>, Cursor<EntryId>)> {
        self.look().await?;
        self.ledger().store.entries(filter, page).await
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        self.look().await?;
        self.ledger().store.entry(id).await
    }

    async fn prune_entries(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.look().await?;
        self.ledger().store.prune_entries(before, limit).await
    }
}
