//! Secrets on their way: attached to what is handed over, sealed so that only a node of the cluster can open it, and
//! opened on the host that runs it, when it runs it.
//!
//! ```text
//!   dispatcher ─▶ Courier: names of the job ─▶ store ─▶ safe opens ─▶ sealed for the way ─▶ bus
//!   executor ──▶ Opener: opens ─▶ the runner fills them in, and masks them in what it prints
//! ```
//!
//! Executors reach no database, so that the courier stands before the bus of whoever dispatches. A run whose secrets
//! cannot be had is handed over with the reason, and fails for it there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use cronbus_adapters::vault::Vault;
use cronbus_core::alert::Event;
use cronbus_core::id::RunId;
use cronbus_core::port::bus::{Address, Error, Inbox};
use cronbus_core::port::health::Health;
use cronbus_core::port::log::{Chunk, Stream};
use cronbus_core::port::runner::{Order, Outlived, Reaped, Resumption};
use cronbus_core::port::spool::Process;
use cronbus_core::port::{Bus, Clock, Runner, Store};
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::secret::{self, Secret, SecretName, Values};
use cronbus_core::wire::{Assignment, AssignmentBatch, Handed, Message};

use crate::safe::Safe;

/// What a sealed text is bound to on its way.
fn bound_to(run: RunId) -> String {
    format!("secrets of run {run}")
}

/// A bus that attaches the secrets that jobs name to what is handed over.
#[derive(Debug)]
pub(super) struct Courier {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) store: Arc<dyn Store>,
    pub(super) safe: Arc<Safe>,
    pub(super) way: Vault,
}

impl Courier {
    async fn attach(&self, batch: &mut AssignmentBatch) -> Result<(), Error> {
        for assignment in &mut batch.assignments {
            let names = secret::used_by(&assignment.job.definition);
            if !names.is_empty() {
                assignment.secrets = Some(Arc::new(self.handed(assignment, names).await?));
            }
        }
        Ok(())
    }

    async fn handed(&self, assignment: &Assignment, names: BTreeSet<SecretName>) -> Result<Handed, Error> {
        let mut values = BTreeMap::new();
        for name in names {
            let found = self.store.secret(&name).await.map_err(|error| Error { reason: error.to_string() })?;
            match self.value(assignment, &name, found) {
                Ok(value) => values.insert(name, value),
                Err(reason) => return Ok(Handed::Lacking(reason)),
            };
        }
        let sealed = self.way.seal(&bound_to(assignment.run), &Values::new(values).written());
        sealed.map(Handed::Sealed).map_err(|error| Error { reason: format!("secrets could not be sealed: {error}") })
    }

    fn value(&self, assignment: &Assignment, name: &SecretName, found: Option<Secret>) -> Result<String, String> {
        let Some(secret) = found else {
            return Err(format!("there is no secret `{name}` any more: set it with `cronbus secret set {name}`"));
        };
        if !secret.is_for(&assignment.job.definition) {
            return Err(format!("the secret `{name}` is not for the group of this job"));
        }
        let opened =
            self.safe.open(&secret).map_err(|error| format!("the secret `{name}` cannot be opened: {error}"))?;
        Ok(opened)
    }
}

#[async_trait]
impl Bus for Courier {
    async fn publish(&self, to: &Address, message: Message) -> Result<(), Error> {
        let Message::Assign(mut batch) = message else { return self.bus.publish(to, message).await };
        self.attach(&mut batch).await?;
        self.bus.publish(to, Message::Assign(batch)).await
    }

    async fn subscribe(&self, at: &Address) -> Result<Box<dyn Inbox>, Error> {
        self.bus.subscribe(at).await
    }

    async fn announce(&self, event: &Event) {
        self.bus.announce(event).await;
    }

    fn health(&self) -> Health {
        self.bus.health()
    }

    fn counters(&self) -> BTreeMap<String, u64> {
        self.bus.counters()
    }
}

/// A runner that opens the secrets that a run was handed.
#[derive(Debug)]
pub(super) struct Opener {
    pub(super) runner: Arc<dyn Runner>,
    pub(super) way: Vault,
    pub(super) clock: Arc<dyn Clock>,
}

impl Opener {
    fn open(&self, assignment: &Assignment) -> Result<Values, String> {
        match assignment.secrets.as_deref() {
            None => Ok(Values::default()),
            Some(Handed::Lacking(reason)) => Err(reason.clone()),
            Some(Handed::Sealed(sealed)) => {
                let opened = self.way.open(&bound_to(assignment.run), sealed);
                let opened =
                    opened.map_err(|_| "its secrets were not sealed by this cluster for this run".to_owned())?;
                Values::read(&opened).ok_or_else(|| "its secrets cannot be read by this version".to_owned())
            }
        }
    }

    /// Ends a run that was not started.
    async fn fail(&self, mut order: Order, reason: String) -> Outcome {
        let reason = format!("could not be started: {reason}");
        let at = self.clock.now();
        let bytes = format!("{reason}\n").into_bytes();
        // What cannot be kept is in the outcome all the same.
        drop(order.log.finish(&[Chunk { sequence: 0, at, stream: Stream::System, bytes }]).await);
        Outcome::bare(Ending::Failed, None, at, reason)
    }
}

#[async_trait]
impl Runner for Opener {
    async fn run(&self, order: Order) -> Outcome {
        let secrets = match self.open(&order.assignment) {
            Ok(secrets) => secrets,
            Err(reason) => return self.fail(order, reason).await,
        };
        if secrets.is_empty() {
            return self.runner.run(order).await;
        }
        let mask = secrets.mask();
        let outcome = self.runner.run(Order { secrets, ..order }).await;
        Outcome { reason: mask.text(&outcome.reason), ..outcome }
    }

    async fn find(&self, run: RunId) -> Option<Outlived> {
        self.runner.find(run).await
    }

    async fn resume(&self, resumption: Resumption) -> Outcome {
        self.runner.resume(resumption).await
    }

    async fn sweep(&self, wanted: &[RunId]) {
        self.runner.sweep(wanted).await;
    }

    fn settled(&self, runs: &[RunId]) {
        self.runner.settled(runs);
    }

    async fn leave(&self) -> Vec<RunId> {
        self.runner.leave().await
    }

    async fn reap(&self, process: Process, grace: std::time::Duration, kill: bool) -> Reaped {
        self.runner.reap(process, grace, kill).await
    }
}
