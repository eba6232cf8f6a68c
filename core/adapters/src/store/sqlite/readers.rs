//! The connections for reading, lent one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::sqlite::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection whose work is done on a thread that may block.
pub(super) type Connection = SyncConnectionWrapper<SqliteConnection>;

/// A fixed number of connections.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<SqliteConnection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self { idle: Mutex::new(connections.into_iter().map(Connection::new).collect()), permits }
    }

    /// Waits for a connection that nobody reads from; `None` when there never will be one.
    pub(super) async fn lend(self: &Arc<Self>) -> Option<Lent> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Lent { connection: Some(connection), readers: Arc::clone(self), _permit: permit })
    }
}

/// A connection that goes back when it is dropped, also when whoever borrowed it stops waiting.
pub(super) struct Lent {
    connection: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    pub(super) const fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
    }
}
