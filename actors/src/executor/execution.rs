//! One run, from its start to its reported end.

use std::rc::Rc;
use std::sync::Arc;

use cronbus_core::id::{JobId, RunId};
use cronbus_core::port::log::{Subject, Writer};
use cronbus_core::port::runner::{Order, Started, Stop};
use cronbus_core::port::spool::Entry;
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::secret;
use cronbus_core::wire::{Assignment, Report};
use tokio::sync::{mpsc, watch};

use super::mind::Mind;

impl Mind {
    /// Executes one run to its end.
    pub(super) async fn execute(self: Rc<Self>, assignment: Arc<Assignment>, stop: watch::Receiver<Stop>) {
        let run = assignment.run;
        let job = assignment.job.id;
        let outcome = match self.open_log(&assignment).await {
            Ok(log) => self.supervise(assignment, log, stop).await,
            Err(reason) => Outcome::bare(Ending::Failed, None, self.setup.ports.clock.now(), reason),
        };
        self.has_ended(run, job, outcome).await;
    }

    /// Its slot is free, and its end is kept.
    pub(super) async fn has_ended(&self, run: RunId, job: JobId, outcome: Outcome) {
        self.stops.borrow_mut().remove(&run);
        let ended = self.pool.borrow_mut().ended(run, job, outcome);
        self.start.nudge();
        self.conclude(vec![ended]).await;
        self.setup.ports.runner.settled(&[run]);
    }

    /// A run whose output cannot be kept is not started: what it did would not be known.
    async fn open_log(&self, assignment: &Assignment) -> Result<Box<dyn Writer>, String> {
        let definition = &assignment.job.definition;
        let subject = Subject { run: assignment.run, job: definition.name.clone(), node: None };
        if let Err(error) = self.setup.ports.log.keep(&definition.name, definition.log).await {
            tracing::warn!(job = definition.name.as_str(), %error, "its logs are kept as before");
        }
        self.setup.ports.log.open(&subject).await.map_err(|error| format!("could not be started: {error}"))
    }

    async fn supervise(
        &self,
        assignment: Arc<Assignment>,
        log: Box<dyn Writer>,
        stop: watch::Receiver<Stop>,
    ) -> Outcome {
        let (tell_started, mut started) = mpsc::channel(1);
        let definition = &assignment.job.definition;
        let order = Order {
            assignment: Arc::clone(&assignment),
            secrets: secret::Values::default(),
            kill_grace: definition.kill_grace.map_or(self.setup.kill_grace, |grace| grace.duration()),
            output_limit: self.setup.output_limit,
            log,
            started: tell_started,
            stop,
        };
        let mut running = self.setup.ports.runner.run(order);
        loop {
            tokio::select! {
                biased;
                Some(has_started) = started.recv() => self.has_started(&assignment, has_started).await,
                outcome = &mut running => return outcome,
            }
        }
    }

    async fn has_started(&self, assignment: &Assignment, started: Started) {
        let Started { at, process } = started;
        let run = assignment.run;
        self.pool.borrow_mut().started(run, at);
        self.time.nudge();
        // Without that note a crash leaves a process that nobody finds; the run goes on all the same.
        let _ = self.spool(&[Entry::Started { run, at, process }]).await;
        self.tell_dispatcher(assignment.job.id, Report::Started { run, at });
    }
}
