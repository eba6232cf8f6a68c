//! The port: every call is one batch on the link, and one failure makes the link be made anew.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::port::guard::Error;
use cronbus_core::port::{Clock, Guard, Health};

use super::address::Options;
use super::commands;
use super::link::{ConnectError, Link};

/// The guard on Redis.
#[derive(Debug)]
pub struct RedisGuard {
    link: Link,
    keep: Duration,
}

impl RedisGuard {
    /// Connects, and keeps connected from now on, on the runtime that this is called in. A server that does not answer
    /// is tried again until it does.
    ///
    /// # Errors
    /// When the URL cannot be used, or the server is there and refuses this node.
    pub async fn connect(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, ConnectError> {
        Ok(Self { link: Link::start(options, clock).await?, keep: options.keep })
    }
}

#[async_trait]
impl Guard for RedisGuard {
    async fn claim(&self, ids: &[RunId], holder: &NodeName, lease: Duration) -> Result<Vec<bool>, Error> {
        let borrowed = self.link.borrow()?;
        let outcome = commands::claim(&borrowed.connection, ids, holder, lease).await;
        self.link.give_back(&borrowed, outcome)
    }

    async fn confirm(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        let borrowed = self.link.borrow()?;
        let outcome = commands::confirm(&borrowed.connection, ids, holder, self.keep).await;
        self.link.give_back(&borrowed, outcome)
    }

    async fn release(&self, ids: &[RunId], holder: &NodeName) -> Result<(), Error> {
        let borrowed = self.link.borrow()?;
        let outcome = commands::release(&borrowed.connection, ids, holder).await;
        self.link.give_back(&borrowed, outcome)
    }

    fn health(&self) -> Health {
        self.link.health()
    }
}
