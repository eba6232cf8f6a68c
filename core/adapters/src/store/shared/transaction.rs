//! Connections lent from the pool, and transactions on them.

use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use diesel_async::SimpleAsyncConnection;

use super::Connection;
use super::connect::Manager;
use crate::store::failure::Failure;

/// A connection that goes back to the pool only when what it was lent for came to a good end. In any other case, also
/// when whoever borrowed it stopped waiting, it is closed, and the server undoes what was begun.
pub(super) struct Lease {
    object: Option<Object<Manager>>,
    clean: bool,
}

impl Lease {
    /// Waits for a connection.
    pub(super) async fn of(pool: &Pool<Manager>) -> Result<Self, Failure> {
        let object = pool.get().await.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => Failure::unavailable("all connections are in use".to_owned()),
            PoolError::Timeout(_) => Failure::unavailable("the server did not answer in time".to_owned()),
            PoolError::Backend(error) => error,
            _ => Failure::unavailable("the connections are closed".to_owned()),
        })?;
        Ok(Self { object: Some(object), clean: false })
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Failure> {
        let gone = || DatabaseError::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new("gone".to_owned()));
        Ok(self.object.as_deref_mut().ok_or_else(gone)?)
    }

    /// After reading: keeps the connection if nothing went wrong.
    pub(super) fn after<T>(mut self, done: Result<T, Failure>) -> Result<T, Failure> {
        self.clean = done.is_ok();
        done
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.clean
            && let Some(object) = self.object.take()
        {
            drop(Object::take(object));
        }
    }
}

/// A transaction: undone unless it is ended well.
pub(super) struct Transaction {
    lease: Lease,
}

impl Transaction {
    /// Begins one. A connection that fails at this is dead, and so may be all that were opened with it: they are
    /// replaced, once, and nothing is lost, for nothing was written.
    pub(super) async fn begin(pool: &Pool<Manager>) -> Result<Self, Failure> {
        let mut lease = Lease::of(pool).await?;
        if lease.connection()?.batch_execute("BEGIN").await.is_err() {
            drop(lease);
            pool.retain(|_, _| false);
            lease = Lease::of(pool).await?;
            lease.connection()?.batch_execute("BEGIN").await?;
        }
        Ok(Self { lease })
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Failure> {
        self.lease.connection()
    }

    /// Makes it durable when `done` is good, undoes it otherwise. When committing fails nobody knows.
    pub(super) async fn end<T>(mut self, done: Result<T, Failure>) -> Result<T, Failure> {
        let last = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.lease.connection()?.batch_execute(last).await;
        self.lease.clean = ended.is_ok();
        let value = done?;
        ended?;
        Ok(value)
    }
}
