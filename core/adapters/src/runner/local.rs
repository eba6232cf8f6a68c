//! The runner of a node: each kind of command goes to what can execute it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::job::Command;
use cronbus_core::port::runner::{Order, Reaped, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::port::{Clock, Runner};
use cronbus_core::run::{Ending, Outcome};

use super::http::Caller;
use super::process::Supervisor;
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
}

/// Executes runs on this machine.
#[derive(Debug)]
pub struct LocalRunner {
    clock: Arc<dyn Clock>,
    processes: Supervisor,
    caller: Caller,
}

impl LocalRunner {
    /// A runner with these settings.
    ///
    /// # Errors
    /// When `/dev/null` cannot be opened.
    pub fn new(settings: &Settings) -> std::io::Result<Self> {
        Ok(Self {
            clock: Arc::clone(&settings.clock),
            processes: Supervisor::new(settings)?,
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

    async fn not_begun(&self, mut order: Order, why: Stop) -> Outcome {
        let (ending, word) = stop::ending(why);
        let _ = order.log.close().await;
        Outcome::bare(ending, None, self.clock.now(), format!("{word} before it started"))
    }
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
            Command::Shell(command) => self.processes.run(command, order).await,
            Command::Http(request) => self.caller.run(request, order).await,
            Command::Noop => self.noop(order).await,
        }
    }

    async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped {
        self.processes.reap(process, grace, kill).await
    }
}
