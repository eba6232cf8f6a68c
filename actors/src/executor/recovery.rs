//! What the former life of this node left behind.

use std::rc::Rc;
use std::time::Duration;

use cronbus_core::id::RunId;
use cronbus_core::job::JobName;
use cronbus_core::port::log::{Subject, Writer};
use cronbus_core::port::runner::{Outlived, Reaped, Resumption, Stop};
use cronbus_core::port::spool::Remembered;
use cronbus_core::run::{Ending, Outcome};
use tokio::sync::watch;

use super::mind::Mind;

impl Mind {
    /// Reads the spool, answers for what is in it, and lets everything else begin.
    pub(super) async fn recover(self: Rc<Self>) {
        let remembered = self.read_spool().await;
        let (orphans, never_begun) = self.pool.borrow_mut().recover(remembered);
        self.never_mind(never_begun.into_iter()).await;
        self.setup.figures.orphans.add(orphans.len());
        let wanted: Vec<RunId> = orphans.iter().map(|orphan| orphan.run).collect();
        for orphan in orphans {
            match self.setup.ports.runner.find(orphan.run).await {
                Some(outlived) => self.take_up(&orphan, outlived),
                None => self.tasks.start(Rc::clone(&self).settle_orphan(orphan)),
            }
        }
        self.setup.ports.runner.sweep(&wanted).await;
        let waiting = self.pool.borrow().unacknowledged();
        for ended in waiting {
            self.tell_dispatcher(ended.job, ended.report());
        }
        self.has_recovered();
    }

    /// A run that outlived the former life: it is this life's from now on.
    fn take_up(self: &Rc<Self>, orphan: &Remembered, outlived: Outlived) {
        let (run, job) = (orphan.run, orphan.job);
        let started_at = outlived.started_at.or(orphan.started_at);
        let report = self.pool.borrow_mut().resumed(run, job, started_at);
        let (stop, stopping) = watch::channel(Stop::No);
        self.stops.borrow_mut().insert(run, stop);
        let going_on = Rc::clone(self).go_on(orphan.clone(), outlived.job, stopping);
        self.tasks.start(going_on);
        if let Some(report) = report {
            self.tell_dispatcher(job, report);
        }
    }

    async fn go_on(self: Rc<Self>, orphan: Remembered, name: JobName, stop: watch::Receiver<Stop>) {
        let Remembered { run, job, process, .. } = orphan;
        let log = self.open_log_again(&Subject { run, job: name, node: None }).await;
        let resumption = Resumption {
            run,
            log,
            stop,
            process,
            kill_grace: self.setup.kill_grace,
            kill_orphans: self.setup.kill_orphans,
            now: self.setup.ports.clock.now(),
        };
        let outcome = self.setup.ports.runner.resume(resumption).await;
        self.has_ended(run, job, outcome).await;
    }

    /// The run goes on whatever becomes of its log, and its output waits for that.
    async fn open_log_again(&self, subject: &Subject) -> Box<dyn Writer> {
        loop {
            match self.setup.ports.log.open(subject).await {
                Ok(log) => return log,
                Err(error) => {
                    tracing::error!(run = %subject.run, %error, "the log of a run that goes on cannot be opened");
                    self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn read_spool(&self) -> Vec<Remembered> {
        loop {
            match self.setup.ports.spool.recover().await {
                Ok(remembered) => return remembered,
                Err(error) => {
                    self.setup.figures.spool_failures.add(1);
                    tracing::error!(%error, "nothing is executed before the spool can be read");
                    self.setup.ports.clock.sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// A run that may have been started by the former life and whose end is not known: it is lost, once nothing of it
    /// runs unseen.
    async fn settle_orphan(self: Rc<Self>, orphan: Remembered) {
        let reaped = match orphan.process {
            Some(process) => {
                let grace = self.setup.kill_grace;
                Some(self.setup.ports.runner.reap(process, grace, self.setup.kill_orphans).await)
            }
            None => None,
        };
        let reason = match reaped {
            Some(Reaped::Ended) => "its node was killed while it ran; what was left of its processes was ended",
            Some(Reaped::Left) => "its node was killed while it ran; its processes were left running, as configured",
            Some(Reaped::Gone) => "its node was killed while it ran; nothing of its processes was left",
            None => "its node was killed when it was about to start or while it ran",
        };
        let now = self.setup.ports.clock.now();
        let outcome = Outcome::bare(Ending::Lost, orphan.started_at, now, reason);
        let ended = self.pool.borrow_mut().ended(orphan.run, orphan.job, outcome);
        self.conclude(vec![ended]).await;
    }
}
