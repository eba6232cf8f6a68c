//! Secrets, sealed. What opens them is nowhere in the store.

use std::fmt::Debug;

use async_trait::async_trait;

use super::error::Result;
use crate::audit::Entry;
use crate::secret::{Secret, SecretName};

/// Secrets by name.
#[async_trait]
pub trait Secrets: Send + Sync + Debug {
    /// Keeps a secret, and `record` of it: a new one at version 1, or another value of the one that is at the version
    /// before. False when it is not: nothing was written.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn put_secret(&self, secret: &Secret, record: &Entry) -> Result<bool>;

    /// All of them, by name.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn secrets(&self) -> Result<Vec<Secret>>;

    /// One of them.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn secret(&self, name: &SecretName) -> Result<Option<Secret>>;

    /// Deletes one, and keeps `record` of it. False when there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn delete_secret(&self, name: &SecretName, record: &Entry) -> Result<bool>;
}
