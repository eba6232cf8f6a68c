//! The port of secrets: each call becomes one closure on a thread that may block.

use async_trait::async_trait;
use cronbus_core::audit::Entry;
use cronbus_core::port::store::{Result, Secrets};
use cronbus_core::secret::{Secret, SecretName};

use super::{SqliteStore, secrets};

#[async_trait]
impl Secrets for SqliteStore {
    async fn put_secret(&self, secret: &Secret, record: &Entry) -> Result<bool> {
        let (secret, record) = (secret.clone(), record.clone());
        self.write("keep a secret", move |connection| secrets::put(connection, &secret, &record)).await
    }

    async fn secrets(&self) -> Result<Vec<Secret>> {
        self.read("list secrets", secrets::all).await
    }

    async fn secret(&self, name: &SecretName) -> Result<Option<Secret>> {
        let name = name.clone();
        self.read("read a secret", move |connection| secrets::find(connection, &name)).await
    }

    async fn delete_secret(&self, name: &SecretName, record: &Entry) -> Result<bool> {
        let (name, record) = (name.clone(), record.clone());
        self.write("delete a secret", move |connection| secrets::delete(connection, &name, &record)).await
    }
}
