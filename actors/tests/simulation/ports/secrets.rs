//! The store's secrets, slow and refusing as the rest of it. No job here names one.

use async_trait::async_trait;
use cronbus_core::audit::Entry;
use cronbus_core::port::store::{Result, Secrets};
use cronbus_core::secret::{Secret, SecretName};

use super::store::Frail;

#[async_trait]
impl Secrets for Frail {
    async fn put_secret(&self, secret: &Secret, record: &Entry) -> Result<bool> {
        self.look().await?;
        self.ledger().store.put_secret(secret, record).await
    }

    async fn secrets(&self) -> Result<Vec<Secret>> {
        self.look().await?;
        self.ledger().store.secrets().await
    }

    async fn secret(&self, name: &SecretName) -> Result<Option<Secret>> {
        self.look().await?;
        self.ledger().store.secret(name).await
    }

    async fn delete_secret(&self, name: &SecretName, record: &Entry) -> Result<bool> {
        self.look().await?;
        self.ledger().store.delete_secret(name, record).await
    }
}
