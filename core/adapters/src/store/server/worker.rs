//! The thread that speaks with the server.
//!
//! Sockets belong to the runtime they were opened in, and a node has several; writing and reading thousands of rows
//! would also keep an actor from its mailbox. So a store has a runtime of its own, and calls come to it as tasks.

use std::future::Future;
use std::time::Duration;

use cronbus_core::port::store::Error;
use tokio::runtime::{Builder, Runtime};

use crate::store::failure::Failure;

/// A runtime of one thread, ended without waiting when it is dropped, wherever that is.
#[derive(Debug)]
pub(in crate::store) struct Worker {
    runtime: Option<Runtime>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Unavailable` when the system has no more threads.
    pub(in crate::store) fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("store").enable_all().build();
        let failed = |error: std::io::Error| Error::Unavailable { what: "start a thread", reason: error.to_string() };
        Ok(Self { runtime: Some(runtime.map_err(failed)?) })
    }

    /// Does `work` on the thread, to its end even when the caller stops waiting, but for no longer than `patience`;
    /// `what` completes "cronbus tried to …".
    pub(in crate::store) async fn perform<T: Send + 'static>(
        &self,
        what: &'static str,
        patience: Duration,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Error> {
        let unavailable = |reason: String| Error::Unavailable { what, reason };
        let Some(runtime) = &self.runtime else { return Err(unavailable("the store is closed".to_owned())) };
        let task = runtime.spawn(async move { tokio::time::timeout(patience, work).await });
        match task.await {
            Ok(Ok(done)) => done.map_err(|failure| failure.explain(what)),
            Ok(Err(_)) => Err(unavailable(format!("no answer within {} s", patience.as_secs()))),
            Err(error) => Err(unavailable(error.to_string())),
        }
    }

    /// As [`Worker::perform`], while the calling thread, which must not be one of a runtime, waits.
    pub(in crate::store) fn wait_for<T: Send + 'static>(
        &self,
        what: &'static str,
        patience: Duration,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Error> {
        futures::executor::block_on(self.perform(what, patience, work))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
