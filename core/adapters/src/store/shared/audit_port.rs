//! The port of the audit trail: each call becomes one task on the store's own thread.
//!
//! This file is compiled once for each backend.

use std::sync::Arc;

use async_trait::async_trait;
use cronbus_core::audit::{Entry, EntryId, Trail};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Audit, AuditFilter, Cursor, Page, Result, Write};
use cronbus_core::time::Timestamp;

use super::audit;
use super::handle::ServerStore;
use super::transaction::{Lease, Transaction};

#[async_trait]
impl Audit for ServerStore {
    async fn write_jobs_on_record(&self, writes: &[Write], trail: &Trail) -> Result<Vec<Arc<Job>>> {
        let (writes, trail) = (writes.to_vec(), trail.clone());
        self.perform("change jobs", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = audit::write_jobs(transaction.connection()?, &writes, &trail).await;
            transaction.end(done).await
        })
        .await
    }

    async fn keep_entries(&self, entries: &[Entry]) -> Result<()> {
        let entries = entries.to_vec();
        self.perform("note who did it", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = audit::keep(transaction.connection()?, &entries).await;
            transaction.end(done).await
        })
        .await
    }

    async fn entries(&self, filter: &AuditFilter, page: &Page<EntryId>) -> Result<(Vec<Entry>, Cursor<EntryId>)> {
        let (filter, page) = (filter.clone(), page.clone());
        self.perform("list who did what", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = audit::entries(lease.connection()?, &filter, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        self.perform("read who did it", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = audit::entry(lease.connection()?, id).await;
            lease.after(done)
        })
        .await
    }

    async fn prune_entries(&self, before: Timestamp, limit: usize) -> Result<usize> {
        self.perform("forget who did what", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = audit::prune(transaction.connection()?, before, limit).await;
            transaction.end(done).await
        })
        .await
    }
}
