//! A node's life after its start: signals, until it ends.
//!
//! ```text
//!   SIGHUP ──▶ read the configuration again, take over what can be
//!   SIGUSR2 ──▶ go on in a process of the executable that is there now, and end with 0; or go on as before
//!   SIGTERM, SIGINT ──▶ stop firing, wait for what runs up to `executor.shutdown_wait`, record, end with 0
//!   a second one ──▶ kill what runs, record, end with 0
//!   an actor that crashed too often ──▶ end with 1, so that whoever watches starts the node again
//! ```

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use cronbus_core::config::{Config, Provenance};
use cronbus_core::port::Operations;
use cronbus_core::port::operations::Shutdown;
use tokio::sync::mpsc::UnboundedReceiver;

use super::options::Options;
use super::profile::Profile;
use super::reporting::Reporting;
use super::succession::{Passed, Passing, Successor};
use crate::configuration;
use crate::signal::{Signals, Wish};
use crate::telemetry::Level;

/// What can be changed while a node runs.
const LIVE: [&str; 1] = ["log.level"];

/// How long a node that ends may take besides what runs: asking its actors, recording, sending logs, the last requests.
const RECORDING: Duration = Duration::from_secs(60);

/// A node that is up.
#[derive(Debug)]
pub(super) struct Life {
    /// What it does.
    pub(super) operations: Arc<dyn Operations>,
    /// What it was told to be.
    pub(super) options: Options,
    /// The configuration in force, and where each value came from.
    pub(super) config: Config,
    /// The same, key by key.
    pub(super) provenance: Vec<Provenance>,
    /// The same, as others are told it.
    pub(super) profile: Arc<Profile>,
    /// The level of its log.
    pub(super) level: Level,
    /// Tells whoever manages services on this machine.
    pub(super) reporting: Reporting,
    /// Tells of actors that crashed too often.
    pub(super) crashes: UnboundedReceiver<String>,
    /// How it goes on in another process; absent once it does.
    pub(super) passing: Option<Passing>,
}

/// What came of the wish for a new process.
enum Upgraded {
    /// It is the node.
    Passed(Passed),
    /// There is none.
    GoesOn,
    /// The node was told to end meanwhile.
    Ends,
}

impl Life {
    /// Lives until a signal ends it, or it goes on in another process.
    ///
    /// # Errors
    /// When an actor crashed too often, or it could neither go on here nor there.
    pub(super) async fn live(mut self, signals: &mut Signals) -> Result<Option<Passed>> {
        loop {
            tokio::select! {
                wish = signals.next() => match wish {
                    Wish::Reload => self.reload_and_tell(),
                    Wish::Upgrade => match self.upgrade(signals).await? {
                        Upgraded::Passed(passed) => return Ok(Some(passed)),
                        Upgraded::GoesOn => {}
                        Upgraded::Ends => break,
                    },
                    Wish::End => break,
                },
                Some(crash) = self.crashes.recv() => {
                    self.reporting.stopping(self.longest_end(Duration::ZERO));
                    self.operations.shut_down(Duration::ZERO).await;
                    bail!("{crash}: the node has ended, and should be started again");
                }
            }
        }
        self.end(signals).await;
        Ok(None)
    }

    async fn upgrade(&mut self, signals: &mut Signals) -> Result<Upgraded> {
        let Some(passing) = self.passing.take() else { return Ok(Upgraded::GoesOn) };
        tracing::info!("another process of {} gets ready to go on as this node", passing.executable.display());
        let prepared = tokio::select! {
            prepared = passing.prepare(&*self.operations) => prepared,
            () = until_end(signals) => {
                passing.failed(&anyhow!("the node was told to end"));
                return Ok(Upgraded::Ends);
            }
        };
        match prepared {
            Ok(successor) => self.pass(passing, successor, signals).await.map(Upgraded::Passed),
            Err(error) => {
                passing.failed(&error);
                self.passing = Some(passing);
                Ok(Upgraded::GoesOn)
            }
        }
    }

    /// What is wished for meanwhile is the successor's to do.
    async fn pass(&self, passing: Passing, successor: Successor, signals: &mut Signals) -> Result<Passed> {
        let mut passed = pin!(passing.pass(successor, Arc::clone(&self.operations)));
        let mut is_to_end = false;
        loop {
            tokio::select! {
                biased;
                passed = &mut passed => return passed.inspect(|passed| if is_to_end { passed.end_successor() }),
                wish = signals.next() => is_to_end |= wish == Wish::End,
            }
        }
    }

    async fn end(&mut self, signals: &mut Signals) {
        let limit = self.config.executor.shutdown_wait.duration();
        self.reporting.stopping(self.longest_end(limit));
        tracing::info!("ending: runs may go on for {}; another signal kills them", self.config.executor.shutdown_wait);
        let mut ending = self.operations.shut_down(limit);
        let Shutdown { finished, killed } = loop {
            tokio::select! {
                ended = &mut ending => break ended,
                wish = signals.next() => if wish == Wish::End {
                    tracing::warn!("ending at once: what runs is killed");
                    break self.operations.shut_down(Duration::ZERO).await;
                },
            }
        };
        tracing::info!(finished, killed, "ended");
    }

    /// How long the end may take, when runs may go on for `limit`.
    fn longest_end(&self, limit: Duration) -> Duration {
        limit + self.config.executor.kill_grace.duration() + RECORDING
    }

    fn reload_and_tell(&mut self) {
        self.reporting.reloading();
        self.reload();
        self.reporting.reloaded();
    }

    /// Reads the configuration again. A faulty one changes nothing.
    fn reload(&mut self) {
        let loaded = match configuration::load(self.options.config.as_deref(), self.options.flags()) {
            Ok(loaded) => loaded,
            Err(error) => return tracing::error!("the configuration stays as it is: {error:#}"),
        };
        if let Err(error) = self.level.set(&loaded.config.log) {
            return tracing::error!("the configuration stays as it is: {error:#}");
        }
        let changed = loaded.provenance.iter().filter(|new| !self.provenance.iter().any(|old| is_same(old, new)));
        let mut count = 0;
        for entry in changed {
            count += 1;
            let Provenance { key, value, .. } = entry;
            if LIVE.contains(&key.as_str()) {
                tracing::info!("{key} is {value} now");
            } else {
                tracing::warn!("{key} = {value} needs a restart of this node");
            }
        }
        if count == 0 {
            tracing::info!("the configuration was read again; nothing changed");
        }
        // What needs a restart is told again at the next SIGHUP: it is still not in force.
        for entry in self.provenance.iter_mut().filter(|entry| LIVE.contains(&entry.key.as_str())) {
            if let Some(new) = loaded.provenance.iter().find(|new| new.key == entry.key) {
                entry.clone_from(new);
            }
        }
        self.profile.take(&self.provenance);
    }
}

async fn until_end(signals: &mut Signals) {
    while signals.next().await != Wish::End {}
}

fn is_same(old: &Provenance, new: &Provenance) -> bool {
    old.key == new.key && old.value == new.value
}
