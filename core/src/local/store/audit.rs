//! The audit trail in memory.

use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;

use super::handle::MemoryStore;
use super::tables::Tables;
use crate::audit::{Entry, EntryId, Trail, of_job};
use crate::job::Job;
use crate::port::store::{Audit, AuditFilter, Cursor, Page, Result, Write};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn keep(&mut self, entry: Entry) {
        self.audit.entry(entry.id).or_insert(entry);
    }
}

#[async_trait]
impl Audit for MemoryStore {
    async fn write_jobs_on_record(&self, writes: &[Write], trail: &Trail) -> Result<Vec<Arc<Job>>> {
        let mut tables = self.tables();
        let changed = tables.write_jobs(writes, &trail.actor.name, trail.at)?;
        for (number, (write, (before, after))) in writes.iter().zip(&changed).enumerate() {
            tables.keep(of_job(trail, number, write, before.as_deref(), after));
        }
        Ok(changed.into_iter().map(|(_, job)| job).collect())
    }

    async fn keep_entries(&self, entries: &[Entry]) -> Result<()> {
        let mut tables = self.tables();
        entries.iter().for_each(|entry| tables.keep(entry.clone()));
        Ok(())
    }

    async fn entries(&self, filter: &AuditFilter, page: &Page<EntryId>) -> Result<(Vec<Entry>, Cursor<EntryId>)> {
        let older = (Bound::Unbounded, page.after.map_or(Bound::Unbounded, Bound::Excluded));
        let tables = self.tables();
        let fitting = tables.audit.range(older).rev().map(|(_, entry)| entry).filter(|entry| filter.fits(entry));
        let mut found: Vec<Entry> = fitting.take(page.limit.saturating_add(1)).cloned().collect();
        let has_more = found.len() > page.limit;
        found.truncate(page.limit);
        let cursor = found.last().filter(|_| has_more).map(|entry| entry.id);
        Ok((found, cursor))
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        Ok(self.tables().audit.get(&id).cloned())
    }

    async fn prune_entries(&self, before: Timestamp, limit: usize) -> Result<usize> {
        let mut tables = self.tables();
        let old: Vec<EntryId> = tables.audit.range(..EntryId::floor(before)).map(|(id, _)| *id).take(limit).collect();
        old.iter().for_each(|id| drop(tables.audit.remove(id)));
        Ok(old.len())
    }
}
