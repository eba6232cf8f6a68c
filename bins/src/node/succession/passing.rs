//! The old process: from the wish for a successor to the end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::{Context, Result, bail};
use cronbus_adapters::bus::NatsBus;
use cronbus_core::port::Operations;
use cronbus_core::port::runner::Stop;
use futures::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::channel::Talk;
use super::estate::Estate;
use super::message::Message;
use super::old::Successor;
use super::report::{Report, Stage};
use super::staying::{Bequest, End, Staying};
use crate::service_manager::{Manager, News};
use crate::signal::{Signals, Wish};
use crate::web::leaving::Leaving;

/// This process's own executable, also when its file has been replaced or removed (proc(5)).
const OWN_EXECUTABLE: &str = "/proc/self/exe";

/// How long requests that are being answered may hold the successor up.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// How often it is looked whether they are answered.
const LOOK: Duration = Duration::from_millis(5);

/// What it takes to pass the node on.
#[derive(Debug)]
pub(in crate::node) struct Passing {
    /// The file that this process was started from, and that another version stands in now.
    pub(in crate::node) executable: PathBuf,
    /// What the successor gets.
    pub(in crate::node) estate: Estate,
    /// What it cannot get.
    pub(in crate::node) staying: Arc<Staying>,
    /// How long it may take to get ready.
    pub(in crate::node) limit: Duration,
    /// Who answers requests.
    pub(in crate::node) servers: Vec<ServerHandle>,
    /// Tells those who are answered to come again.
    pub(in crate::node) leaving: Leaving,
    /// Where others are heard.
    pub(in crate::node) bus: Option<Arc<NatsBus>>,
}

/// The node is another process.
#[derive(Debug)]
pub(in crate::node) struct Passed {
    successor: u32,
    talk: Talk,
    staying: Arc<Staying>,
    ends: UnboundedReceiver<End>,
    /// What stays ends with it.
    _executor: Arc<dyn Operations>,
}

impl Passing {
    /// Gets a successor ready. Nothing changes for anybody; it may be dropped at any time.
    ///
    /// # Errors
    /// Why there is none.
    pub(in crate::node) async fn prepare(&self, operations: &dyn Operations) -> Result<Successor> {
        if std::process::id() == 1 {
            bail!("process 1 cannot be succeeded, since everything ends with it: replace the container instead");
        }
        Report::note(&self.estate.directory, Stage::UnderWay);
        self.estate
            .probe()
            .context("the data directory cannot be written to, so that no process could go on with it")?;
        let health = operations.health().await;
        if !health.ready {
            bail!(
                "this node is not ready itself (see `cronbus nodes` and /readyz), so that another process would not be"
            );
        }
        Successor::prepare(&self.executable, &self.estate, self.limit).await
    }

    /// The old process goes on.
    pub(in crate::node) fn failed(&self, error: &anyhow::Error) {
        tracing::error!("the node goes on as it is: no new process takes over: {error:#}");
        Report::note(&self.estate.directory, Stage::Failed { reason: format!("{error:#}") });
    }

    /// Passes everything on. A successor that fails now is replaced by a process of this executable.
    ///
    /// # Errors
    /// When there is none that does not fail: the node has ended.
    pub(in crate::node) async fn pass(
        self,
        mut successor: Successor,
        operations: Arc<dyn Operations>,
    ) -> Result<Passed> {
        let began_at = Instant::now();
        join_all(self.servers.iter().map(ServerHandle::pause)).await;
        self.finish_answers().await;
        let answered = began_at.elapsed();
        operations.hand_over().await;
        let stopped = began_at.elapsed();
        if let Some(bus) = &self.bus {
            bus.retire().await;
        }
        let Bequest { runs, ends } = self.staying.bequest().context("nothing was passed on")?;
        if let Err(error) = successor.go(&runs).await {
            tracing::error!("the new process failed when it was to take over: {error:#}; one of this version does");
            drop(successor);
            successor = Successor::prepare(OWN_EXECUTABLE.as_ref(), &self.estate, self.limit).await?;
            successor.go(&runs).await?;
            self.failed(&error);
        } else {
            let (new_process, new_version) = (successor.pid, successor.version.clone());
            Report::note(&self.estate.directory, Stage::Done { new_process, new_version, stayed: runs.len() });
        }
        let took = began_at.elapsed();
        tracing::info!(
            process = successor.pid,
            version = successor.version,
            stayed = runs.len(),
            ?answered,
            ?stopped,
            ?took,
            "passed on"
        );
        Manager::of_environment().tell(&[News::MainProcess(successor.pid)]);
        self.leaving.end_streams();
        Ok(Passed {
            successor: successor.pid,
            talk: successor.farewell().await,
            staying: self.staying,
            ends,
            _executor: operations,
        })
    }

    /// Whoever asks from now on waits for the successor; who is being answered is, and then comes again.
    async fn finish_answers(&self) {
        self.leaving.close_connections();
        let until = Instant::now() + LAST_ANSWERS;
        while self.leaving.answering() > 0 && Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Passed {
    /// The node was told to end while it was passed on: that is the successor's to do.
    pub(in crate::node) fn end_successor(&self) {
        let number = i32::try_from(self.successor).map(Pid::from_raw);
        if let Err(error) = number.map_err(anyhow::Error::from).and_then(|pid| Ok(kill(pid, Signal::SIGTERM)?)) {
            tracing::warn!(%error, process = self.successor, "the new process could not be told to end");
        }
    }

    /// Tells the successor how the runs end that stayed, until there are none or a signal ends them.
    pub(in crate::node) async fn attend(mut self, signals: &mut Signals) {
        let mut stop = Stop::Kill;
        while self.staying.count() > 0 || !self.ends.is_empty() {
            tokio::select! {
                Some((run, outcome)) = self.ends.recv() => {
                    if let Err(error) = self.talk.say(&Message::Ended { run, outcome: Box::new(outcome) }, &[]).await {
                        tracing::warn!(%run, %error, "nobody could be told how a run ended");
                    }
                }
                heard = self.talk.hear() => match heard {
                    Ok(Some(heard)) => self.obey(&heard.message),
                    // Nobody is left to be told.
                    Ok(None) | Err(_) => return self.end().await,
                },
                wish = signals.next() => if wish == Wish::End {
                    // Their ends are told all the same.
                    self.staying.end_all(stop);
                    stop = Stop::KillNow;
                },
            }
        }
    }

    /// The node is gone: what stayed here is ended, as what a node leaves behind is.
    async fn end(mut self) {
        self.staying.end_all(Stop::Kill);
        while self.staying.count() > 0 && self.ends.recv().await.is_some() {}
    }

    fn obey(&self, message: &Message) {
        match message {
            Message::End { run, why } => self.staying.end(*run, Stop::from(*why)),
            other => tracing::warn!("the successor said `{}`, which is not understood now", other.name()),
        }
    }
}
