//! The runner of a node: each kind of command goes to what can execute it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::RunId;
use cronbus_core::job::command::Shell;
use cronbus_core::job::{Command, Isolation};
use cronbus_core::port::runner::{Order, Outlived, Reaped, Resumption, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::port::{Clock, Runner};
use cronbus_core::run::{Ending, Outcome};

use super::http::Caller;
use super::output::Recorder;
use super::process::{Groups, Left, Shims, Supervisor};
use super::stop;

/// What runs are started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The shell that command lines are given to as `<shell> -c <line>`: an absolute path. A job's own `SHELL` variable
    /// stands before it, as in a crontab.
    pub shell: String,
    /// The PATH variable of processes; `/usr/bin:/bin` is cron's.
    pub path: String,
    /// This program's own executable. It is called with [`super::EXEC_AS`] to run a job as another user.
    pub executable: PathBuf,
    /// What time it is, for outcomes and logs.
    pub clock: Arc<dyn Clock>,
    /// How runs outlive this process; absent where none does.
    pub shims: Option<ShimSettings>,
}

/// How shell runs outlive the process that started them.
#[derive(Clone, Debug)]
pub struct ShimSettings {
    /// The executable `cronbus-shim`: an absolute path.
    pub executable: PathBuf,
    /// Where the files of such runs are.
    pub folder: PathBuf,
    /// Whether runs have a supervisor of their own whose jobs do not say.
    pub is_default: bool,
    /// Where runs may be limited.
    pub groups: Groups,
}

/// Why a run with limits is not started by a node that has no supervisors for runs.
const NO_SHIMS: &str = "could not be started: limits: this node has no supervisors of runs, which keep them: install \
                        cronbus-shim beside `cronbus` or name it by executor.shim, or take `limits` out of the job";

/// Executes runs on this machine.
#[derive(Debug)]
pub struct LocalRunner {
    clock: Arc<dyn Clock>,
    processes: Supervisor,
    shims: Option<Shims>,
    is_shim_default: bool,
    caller: Caller,
}

impl LocalRunner {
    /// A runner with these settings.
    ///
    /// # Errors
    /// When `/dev/null` cannot be opened, or the folder for the files of runs cannot be made.
    pub fn new(settings: &Settings) -> std::io::Result<Self> {
        Ok(Self {
            clock: Arc::clone(&settings.clock),
            processes: Supervisor::new(settings)?,
            shims: settings.shims.as_ref().map(|shims| Shims::new(settings, shims)).transpose()?,
            is_shim_default: settings.shims.as_ref().is_some_and(|shims| shims.is_default),
            caller: Caller::new(Arc::clone(&settings.clock)),
        })
    }

    /// Nothing is executed, and nothing can fail but the log.
    async fn noop(&self, mut order: Order) -> Outcome {
        let at = self.clock.now();
        let _ = order.started.try_send(Started { at, process: None });
        let reason = order.log.close().await.err().map(|error| error.to_string()).unwrap_or_default();
        Outcome { exit_code: Some(0), ..Outcome::bare(Ending::Succeeded, Some(at), self.clock.now(), reason) }
    }

    /// A command in the charge of this process, or of a shim.
    async fn shell(&self, command: &Shell, order: Order) -> Outcome {
        let grace = order.kill_grace;
        match &self.shims {
            Some(shims) if self.wants_shim(&order) => match shims.run(command, order).await {
                Ok(outcome) => outcome,
                Err(left) => self.bury(shims, left, grace, true).await,
            },
            None if is_limited(&order) => self.unlimitable(order).await,
            _ => self.processes.run(command, order).await,
        }
    }

    /// A run with limits wants one whatever is usual here: nobody else holds it to them.
    fn wants_shim(&self, order: &Order) -> bool {
        match order.assignment.job.definition.isolation {
            _ if is_limited(order) => true,
            Some(isolation) => isolation == Isolation::Shim,
            None => self.is_shim_default,
        }
    }

    /// It is not started: one that is silently not limited would be found out when it hurts.
    async fn unlimitable(&self, order: Order) -> Outcome {
        let Order { log, output_limit, secrets, .. } = order;
        let mut recorder = Recorder::new(Arc::clone(&self.clock), log, output_limit, secrets.mask());
        recorder.note(NO_SHIMS).await;
        let (output, _) = recorder.finish().await;
        Outcome { output, ..Outcome::bare(Ending::Failed, None, self.clock.now(), NO_SHIMS) }
    }

    /// A shim is gone and did not say how its run ended: nothing of the run is left unsupervised.
    async fn bury(&self, shims: &Shims, left: Left, grace: Duration, kill: bool) -> Outcome {
        if kill {
            shims.empty(left.run()).await;
        }
        let reaped = match left.process() {
            Some(process) => Some(self.processes.reap(process, grace, kill).await),
            None => None,
        };
        shims.bury(left, reaped).await
    }

    async fn not_begun(&self, mut order: Order, why: Stop) -> Outcome {
        let (ending, word) = stop::ending(why);
        let _ = order.log.close().await;
        Outcome::bare(ending, None, self.clock.now(), format!("{word} before it started"))
    }
}

fn is_limited(order: &Order) -> bool {
    !order.assignment.job.definition.limits.is_none()
}

#[async_trait]
impl Runner for LocalRunner {
    async fn run(&self, order: Order) -> Outcome {
        let why = *order.stop.borrow();
        if why != Stop::No {
            return self.not_begun(order, why).await;
        }
        let definition = Arc::clone(&order.assignment.job.definition);
        match &definition.command {
            Command::Shell(command) => self.shell(command, order).await,
            Command::Http(request) => self.caller.run(request, order).await,
            Command::Noop => self.noop(order).await,
        }
    }

    async fn find(&self, run: RunId) -> Option<Outlived> {
        self.shims.as_ref()?.find(run).await
    }

    async fn resume(&self, resumption: Resumption) -> Outcome {
        let Resumption { run, log, stop, process, kill_grace, kill_orphans, now } = resumption;
        let Some(shims) = &self.shims else {
            return Outcome::bare(Ending::Lost, None, now, "this node takes up no runs of a former life");
        };
        match shims.resume(run, log, stop).await {
            Ok(outcome) => outcome,
            Err(left) => self.bury(shims, left.or(process), kill_grace, kill_orphans).await,
        }
    }

    async fn sweep(&self, wanted: &[RunId]) {
        if let Some(shims) = &self.shims {
            shims.sweep(wanted).await;
        }
    }

    fn settled(&self, runs: &[RunId]) {
        if let Some(shims) = &self.shims {
            shims.settled(runs);
        }
    }

    async fn leave(&self) -> Vec<RunId> {
        match &self.shims {
            Some(shims) => shims.leave().await,
            None => Vec::new(),
        }
    }

    async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped {
        self.processes.reap(process, grace, kill).await
    }
}
