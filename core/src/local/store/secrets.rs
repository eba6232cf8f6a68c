//! Secrets in memory.

use async_trait::async_trait;

use super::handle::MemoryStore;
use crate::audit::Entry;
use crate::port::store::{Result, Secrets};
use crate::secret::{Secret, SecretName};

#[async_trait]
impl Secrets for MemoryStore {
    async fn put_secret(&self, secret: &Secret, record: &Entry) -> Result<bool> {
        let mut tables = self.tables();
        let known = tables.secrets.get(&secret.name).map_or(0, |known| known.version);
        if known.saturating_add(1) != secret.version {
            return Ok(false);
        }
        tables.secrets.insert(secret.name.clone(), secret.clone());
        tables.keep(record.clone());
        Ok(true)
    }

    async fn secrets(&self) -> Result<Vec<Secret>> {
        Ok(self.tables().secrets.values().cloned().collect())
    }

    async fn secret(&self, name: &SecretName) -> Result<Option<Secret>> {
        Ok(self.tables().secrets.get(name).cloned())
    }

    async fn delete_secret(&self, name: &SecretName, record: &Entry) -> Result<bool> {
        let mut tables = self.tables();
        let was_there = tables.secrets.remove(name).is_some();
        if was_there {
            tables.keep(record.clone());
        }
        Ok(was_there)
    }
}
