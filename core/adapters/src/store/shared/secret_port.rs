//! The port of secrets: each call becomes one task on the store's own thread.
//!
//! This file is compiled once for each backend.

use async_trait::async_trait;
use cronbus_core::audit::Entry;
use cronbus_core::port::store::{Result, Secrets};
use cronbus_core::secret::{Secret, SecretName};

use super::handle::ServerStore;
use super::secrets;
use super::transaction::{Lease, Transaction};

#[async_trait]
impl Secrets for ServerStore {
    async fn put_secret(&self, secret: &Secret, record: &Entry) -> Result<bool> {
        let (secret, record) = (secret.clone(), record.clone());
        self.perform("keep a secret", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = secrets::put(transaction.connection()?, &secret, &record).await;
            transaction.end(done).await
        })
        .await
    }

    async fn secrets(&self) -> Result<Vec<Secret>> {
        self.perform("list secrets", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = secrets::all(lease.connection()?).await;
            lease.after(done)
        })
        .await
    }

    async fn secret(&self, name: &SecretName) -> Result<Option<Secret>> {
        let name = name.clone();
        self.perform("read a secret", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = secrets::find(lease.connection()?, &name).await;
            lease.after(done)
        })
        .await
    }

    async fn delete_secret(&self, name: &SecretName, record: &Entry) -> Result<bool> {
        let (name, record) = (name.clone(), record.clone());
        self.perform("delete a secret", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = secrets::delete(transaction.connection()?, &name, &record).await;
            transaction.end(done).await
        })
        .await
    }
}
