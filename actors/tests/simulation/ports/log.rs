//! A log that keeps nothing: what runs print is no matter of the promises that are checked here.

use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::port::Log;
use cronbus_core::port::log::{Chunk, Error, Excerpt, Subject, Writer};
use cronbus_core::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Nowhere;

#[async_trait]
impl Log for Nowhere {
    async fn open(&self, _: &Subject) -> Result<Box<dyn Writer>, Error> {
        Ok(Box::new(Self))
    }

    async fn read(&self, subject: &Subject, _: u64, _: usize) -> Result<Excerpt, Error> {
        Err(Error::NotFound { run: subject.run })
    }

    async fn wait(&self, _: &Subject, _: u64) {}

    async fn prune(&self, _: Timestamp, _: Duration) -> Result<u64, Error> {
        Ok(0)
    }
}

#[async_trait]
impl Writer for Nowhere {
    async fn append(&mut self, _: &[Chunk]) -> Result<(), Error> {
        Ok(())
    }

    async fn close(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
