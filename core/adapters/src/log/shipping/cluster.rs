//! The log port of a node among others: what this host wrote is read from its files, everything else over the bus.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::job::{JobName, LogKeep};
use cronbus_core::port::Log;
use cronbus_core::port::log::{Error, Excerpt, Subject, Writer};
use cronbus_core::time::Timestamp;

use super::super::file::FileLog;
use super::cursors::Cursors;
use super::desk::Desk;
use super::host;
use super::reader::Reader;
use super::shipper::Shipper;
use crate::bus::NatsBus;

/// How often it is looked whether everything was sent.
const LOOK: Duration = Duration::from_millis(20);

/// The logs of all hosts.
#[derive(Debug)]
pub struct ClusterLog {
    files: FileLog,
    reader: Reader,
    desk: Option<Arc<Desk>>,
}

impl ClusterLog {
    /// Sends what is in these files and was not sent yet, and what comes, for as long as the bus lives; answers other
    /// hosts from them. Files that were not opened to ship are read only.
    #[must_use]
    pub fn over(files: FileLog, bus: &Arc<NatsBus>) -> Self {
        let desk = files.desk().cloned();
        if let Some(desk) = &desk {
            let shipper = Shipper {
                files: files.clone(),
                desk: Arc::clone(desk),
                bus: Arc::downgrade(bus),
                complained: Mutex::default(),
            };
            bus.handle().spawn(Arc::new(shipper).run());
        }
        bus.answer(host::ABOUT, host::answering(files.clone()));
        Self { files, reader: Reader { bus: Arc::clone(bus), cursors: Cursors::default() }, desk }
    }

    /// Waits until everything was sent; false when it was not within `limit`. What was not is sent by the next life.
    pub async fn settle(&self, limit: Duration) -> bool {
        let Some(desk) = &self.desk else { return true };
        let settled = async {
            while !desk.is_empty() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(limit, settled).await.is_ok()
    }
}

#[async_trait]
impl Log for ClusterLog {
    async fn open(&self, subject: &Subject) -> Result<Box<dyn Writer>, Error> {
        Log::open(&self.files, subject).await
    }

    async fn read(&self, subject: &Subject, from: u64, limit_bytes: usize) -> Result<Excerpt, Error> {
        match self.files.read(subject, from, limit_bytes).await {
            Err(Error::NotFound { .. }) => self.reader.read(subject, from, limit_bytes).await,
            read => read,
        }
    }

    async fn wait(&self, subject: &Subject, from: u64) {
        if self.files.is_open(subject.run) {
            self.files.wait(subject, from).await;
        } else {
            self.reader.wait(subject, from).await;
        }
    }

    async fn keep(&self, job: &JobName, rule: LogKeep) -> Result<(), Error> {
        self.files.keep(job, rule).await
    }

    /// Removes files of this host. The stream has limits of its own; what goes by what its job says goes there, too.
    async fn prune(&self, now: Timestamp, age: Duration) -> Result<u64, Error> {
        let swept = self.files.sweep(now, age).await?;
        for run in swept.by_rule {
            if let Err(error) = self.reader.bus.drop_kept(run).await {
                // It goes by the age of the stream.
                tracing::debug!(%run, %error, "its log stays on the bus for a while");
                break;
            }
        }
        Ok(swept.count)
    }
}
