//! The create-once guard: keeps the losers of a race away from the store. It only saves work; the store's primary key
//! decides, so a guard that forgets everything is slower, never wrong.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::health::{Health, Service};
use crate::id::{NodeName, RunId};

/// Short leases on run ids.
#[async_trait]
pub trait Guard: Send + Sync + Debug {
    /// Asks for a lease on each id; the answer at each place says whether `holder` has it now. An id that `holder`
    /// already has is granted again. A lease that was neither confirmed nor released ends by itself after `lease`:
    /// a crash between claim and commit loses nothing.
    ///
    /// # Errors
    /// When the guard cannot be reached. The caller then goes on as if every claim had been granted.
    async fn claim(&self, ids: &[RunId], holder: &NodeName, lease: Duration) -> Result<Vec<bool>, Error>;

    /// Says that the rows are durable. The entries may stay for some minutes to keep latecomers away, or go at once.
    ///
    /// # Errors
    /// When the guard cannot be reached; nothing needs to be done then.
    async fn confirm(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error>;

    /// Gives the leases back, because nothing was written: the next claim of anybody is granted.
    ///
    /// # Errors
    /// When the guard cannot be reached; the leases end by themselves then.
    async fn release(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error>;

    /// How the service behind it is.
    fn health(&self) -> Health {
        Health::local(Service::Guard)
    }
}

/// The guard did not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the create-once guard did not answer: {reason}. Runs are still created once, by the database alone")]
pub struct Error {
    /// What the driver said.
    pub reason: String,
}

impl Error {
    /// Always: the guard is only ever away for a while.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        true
    }
}
