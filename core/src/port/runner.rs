//! Executing one run: a process or an HTTP call, supervised until nothing of it is left.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};

use super::log::Writer;
use super::spool::Process;
use crate::run::Outcome;
use crate::secret;
use crate::time::Timestamp;
use crate::wire::Assignment;

/// Whether and why a run shall end before its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// It may go on.
    #[default]
    No,
    /// Someone asked for its end: TERM, grace, KILL; it ends as `killed`.
    Kill,
    /// Its timeout has passed: the same, but it ends as `timed_out`.
    TimedOut,
    /// The same without grace: KILL at once; it ends as `killed`.
    KillNow,
}

/// Everything one execution needs.
#[derive(Debug)]
pub struct Order {
    /// What to run.
    pub assignment: Arc<Assignment>,
    /// What the secrets are that its job names.
    pub secrets: secret::Values,
    /// From TERM to KILL.
    pub kill_grace: Duration,
    /// How many bytes of output are kept: the head and the tail of them, half each.
    pub output_limit: u64,
    /// Where the output goes.
    pub log: Box<dyn Writer>,
    /// Told once, as soon as the run has started.
    pub started: mpsc::Sender<Started>,
    /// Says when it shall end.
    pub stop: watch::Receiver<Stop>,
}

/// A run has started.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// When.
    pub at: Timestamp,
    /// Its process; absent for what has none.
    pub process: Option<Process>,
}

/// Executes runs.
#[async_trait]
pub trait Runner: Send + Sync + Debug {
    /// Executes one run to its end. Whatever goes wrong is an outcome, never an error: could not be started (`failed`
    /// with the reason), ended by a signal, killed. When it returns, the log is closed. Of a run that was stopped no
    /// process is left then; what a run that ended by itself left in the background is left alone and told of in its
    /// log.
    async fn run(&self, order: Order) -> Outcome;

    /// Deals with a process group that a former life of this node left behind. With `kill` it is ended (TERM, grace,
    /// KILL) and the answer says whether anything of it was found; without, it is left alone.
    async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped;
}

/// What became of a process group left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaped {
    /// Nothing of it was there any more.
    Gone,
    /// It was ended.
    Ended,
    /// It runs on, as asked.
    Left,
}
