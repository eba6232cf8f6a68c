//! Executing one run: a process or an HTTP call, supervised until nothing of it is left.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};

use super::log::Writer;
use super::spool::Process;
use crate::id::RunId;
use crate::job::JobName;
use crate::run::{Ending, Outcome};
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

/// A run that outlived the life of its node.
#[derive(Clone, Debug)]
pub struct Outlived {
    /// The name of its job: its log is found by it.
    pub job: JobName,
    /// When it had started, if it had.
    pub started_at: Option<Timestamp>,
}

/// Everything that it takes to go on with a run.
#[derive(Debug)]
pub struct Resumption {
    /// Which run.
    pub run: RunId,
    /// Where its output goes on; what was written before is not written again.
    pub log: Box<dyn Writer>,
    /// Says when it shall end.
    pub stop: watch::Receiver<Stop>,
    /// Its process, where that is remembered.
    pub process: Option<Process>,
    /// From TERM to KILL, for processes that nobody supervises any more.
    pub kill_grace: Duration,
    /// Whether such processes are ended.
    pub kill_orphans: bool,
    /// What time it is.
    pub now: Timestamp,
}

/// Executes runs.
#[async_trait]
pub trait Runner: Send + Sync + Debug {
    /// Executes one run to its end. Whatever goes wrong is an outcome, never an error: could not be started (`failed`
    /// with the reason), ended by a signal, killed. When it returns, the log is closed. Of a run that was stopped no
    /// process is left then; what a run that ended by itself left in the background is left alone and told of in its
    /// log.
    async fn run(&self, order: Order) -> Outcome;

    /// What there is of a run that a former life of this node had started and that outlived it, or whose end waits to be
    /// told; `None` when nothing is known of it.
    async fn find(&self, _run: RunId) -> Option<Outlived> {
        None
    }

    /// Takes a run in hand again that [`Runner::find`] has found, and supervises it to its end, as [`Runner::run`] does.
    async fn resume(&self, resumption: Resumption) -> Outcome {
        Outcome::bare(Ending::Lost, None, resumption.now, "this runner takes up no runs of a former life")
    }

    /// These are all runs of a former life that are still asked for: what is kept of others, and does not go on, may go.
    async fn sweep(&self, _wanted: &[RunId]) {}

    /// The ends of these runs are where they survive the end of this process: nothing of them needs to be kept.
    fn settled(&self, _runs: &[RunId]) {}

    /// Lets go of all runs that go on without this process, for the node's next life to take them up; says which they are.
    /// Nothing is written to their logs any more when this returns, and whoever waits for them waits in vain.
    async fn leave(&self) -> Vec<RunId> {
        Vec::new()
    }

    /// A successor on this host is told of the ends of what this process still executes, and whoever waits for them here
    /// waits in vain from now on. Says how many runs these are, those among them that have ended since.
    fn stay(&self) -> usize {
        0
    }

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
