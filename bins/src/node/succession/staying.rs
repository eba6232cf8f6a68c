//! What a process executes without a shim: calls over HTTP, commands with `isolation = "inline"`. It cannot go to another
//! process. When the node goes on in a successor, it stays to its end where it is, and the successor is told
//! of the end; until then the successor treats it as a run that outlived the life of its node.
//!
//! Here is both: what this process executes and may leave behind, and what a predecessor still executes for this one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::id::RunId;
use cronbus_core::job::JobName;
use cronbus_core::port::log::{Subject, Tail};
use cronbus_core::port::runner::{Order, Outlived, Reaped, Resumption, Started, Stop};
use cronbus_core::port::spool::Process;
use cronbus_core::port::{Clock, Log, Runner};
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::time::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::message::{Stay, Why};

/// How often it is looked what a predecessor has written to the log of a run.
const LOOK: Duration = Duration::from_secs(1);

/// How often it is looked whether everything is taken up.
const MOMENT: Duration = Duration::from_millis(2);

/// How much of a log is read at a look, in bytes.
const AT_A_LOOK: usize = 1 << 20;

/// The end of a run that stayed.
pub(super) type End = (RunId, Outcome);

/// A runner whose runs may stay in this process when the node does not.
#[derive(Debug)]
pub(in crate::node) struct Staying {
    runner: Arc<dyn Runner>,
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    here: Mutex<Here>,
    there: Mutex<There>,
}

/// What this process executes.
#[derive(Debug, Default)]
struct Here {
    runs: HashMap<RunId, Going>,
    /// What ended after the node was to be another process.
    over: Vec<Stay>,
    /// Who is told of ends, once the node is to be another process.
    heir: Option<mpsc::UnboundedSender<End>>,
    ends: Option<mpsc::UnboundedReceiver<End>>,
}

/// What stays in this process, and its ends.
#[derive(Debug)]
pub(super) struct Bequest {
    pub(super) runs: Vec<Stay>,
    pub(super) ends: mpsc::UnboundedReceiver<End>,
}

#[derive(Debug)]
struct Going {
    job: JobName,
    started_at: Option<Timestamp>,
    stop: Arc<watch::Sender<Stop>>,
}

impl Going {
    fn stay(&self, run: RunId) -> Stay {
        Stay { run, job: self.job.clone(), started_at: self.started_at }
    }
}

/// What a predecessor executes.
#[derive(Debug, Default)]
pub(super) struct There {
    pub(super) runs: HashMap<RunId, Left>,
    /// How it is told that a run shall end.
    pub(super) ends: Option<mpsc::UnboundedSender<(RunId, Why)>>,
}

/// A run that stayed in the process of a predecessor.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) stay: Stay,
    pub(super) outcome: oneshot::Receiver<Outcome>,
}

/// A run that is noted for as long as somebody follows it: a failure of the executor's actor lets go of it, too.
struct Noted<'runner> {
    here: &'runner Mutex<Here>,
    run: RunId,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.here.lock().unwrap_or_else(PoisonError::into_inner).runs.remove(&self.run);
    }
}

/// How what runs is asked to end, and says that it has started.
struct Reins {
    /// Whoever wants its end here.
    asked: watch::Receiver<Stop>,
    /// Its own ears.
    stop: Arc<watch::Sender<Stop>>,
    started: Option<(mpsc::Receiver<Started>, mpsc::Sender<Started>)>,
}

impl Staying {
    /// Over a runner whose runs have their logs here.
    pub(in crate::node) fn over(runner: Arc<dyn Runner>, log: Arc<dyn Log>, clock: Arc<dyn Clock>) -> Self {
        Self { runner, log, clock, here: Mutex::default(), there: Mutex::default() }
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn there(&self) -> MutexGuard<'_, There> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A predecessor still executes these.
    pub(super) fn inherit(&self, there: There) {
        *self.there() = there;
    }

    /// What stays in this process, for the successor; `None` before [`Runner::stay`].
    pub(super) fn bequest(&self) -> Option<Bequest> {
        let mut here = self.here();
        let ends = here.ends.take()?;
        let going = here.runs.iter().map(|(run, going)| going.stay(*run));
        Some(Bequest { runs: here.over.iter().cloned().chain(going).collect(), ends })
    }

    /// Returns once the executor has taken up what a predecessor executes, or `limit` is over: before that its logs look as
    /// if nobody went on with them.
    pub(in crate::node) async fn until_taken_up(&self, limit: Duration) {
        let taken_up = async {
            while !self.there().runs.is_empty() {
                tokio::time::sleep(MOMENT).await;
            }
        };
        drop(tokio::time::timeout(limit, taken_up).await);
    }

    /// How many runs this process executes.
    pub(super) fn count(&self) -> usize {
        self.here().runs.len()
    }

    /// Has a run end that stayed.
    pub(super) fn end(&self, run: RunId, why: Stop) {
        if let Some(going) = self.here().runs.get(&run) {
            going.stop.send_replace(why);
        }
    }

    /// Has all of them end.
    pub(super) fn end_all(&self, why: Stop) {
        self.here().runs.values().for_each(|going| {
            going.stop.send_replace(why);
        });
    }

    /// Follows what runs to its end, here or there.
    async fn attend(&self, run: RunId, execution: impl Future<Output = Outcome>, reins: Reins) -> Outcome {
        let Reins { mut asked, stop, mut started } = reins;
        let _noted = Noted { here: &self.here, run };
        let mut is_asked = true;
        let mut execution = std::pin::pin!(execution);
        let outcome = loop {
            let start = async {
                match &mut started {
                    Some((heard, _)) => heard.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(told) = start => self.has_started(run, told, started.as_ref()),
                changed = asked.changed(), if is_asked => match changed {
                    Ok(()) => drop(stop.send_replace(*asked.borrow_and_update())),
                    Err(_) => is_asked = false,
                },
                outcome = &mut execution => break outcome,
            }
        };
        self.conclude(run, outcome).await
    }

    fn has_started(
        &self,
        run: RunId,
        told: Started,
        started: Option<&(mpsc::Receiver<Started>, mpsc::Sender<Started>)>,
    ) {
        if let Some(going) = self.here().runs.get_mut(&run) {
            going.started_at = Some(told.at);
        }
        if let Some((_, tell)) = started {
            // Whoever asked for it may be gone.
            let _ = tell.try_send(told);
        }
    }

    /// Its end is this process's business, or its successor's.
    async fn conclude(&self, run: RunId, outcome: Outcome) -> Outcome {
        {
            let mut here = self.here();
            let going = here.runs.remove(&run);
            let Some(heir) = here.heir.clone() else { return outcome };
            here.over.extend(going.map(|going| going.stay(run)));
            // One that is gone is not told; its next life finds out.
            let _ = heir.send((run, outcome));
        }
        std::future::pending().await
    }

    fn note(&self, run: RunId, going: Going) {
        self.here().runs.insert(run, going);
    }

    /// Waits for the end of a run in the process of a predecessor, and shows what it writes meanwhile.
    async fn follow(&self, left: Left, mut stop: watch::Receiver<Stop>, resumption: Resumption) -> Outcome {
        let Left { stay, mut outcome } = left;
        let subject = Subject { run: stay.run, job: stay.job, node: None };
        let mut resumption = resumption;
        let mut next = 0;
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut outcome => break ended,
                Ok(()) = stop.changed() => self.ask(stay.run, *stop.borrow_and_update()),
                () = self.clock.sleep(LOOK) => {}
            }
            next = self.show(&subject, next, &mut resumption).await;
        };
        self.show(&subject, next, &mut resumption).await;
        match ended {
            Ok(outcome) => outcome,
            Err(_) => self.bury(resumption).await,
        }
    }

    /// Tells readers of a log how far it is; returns that.
    async fn show(&self, subject: &Subject, mut next: u64, resumption: &mut Resumption) -> u64 {
        while let Ok(excerpt) = self.log.read(subject, next, AT_A_LOOK).await
            && excerpt.next > next
        {
            next = excerpt.next;
            resumption.log.show(Tail { oldest: next, chunks: Vec::new() });
        }
        next
    }

    fn ask(&self, run: RunId, stop: Stop) {
        if let (Some(why), Some(ends)) = (Why::of(stop), &self.there().ends) {
            // An error says that the predecessor is gone, which is noticed.
            let _ = ends.send((run, why));
        }
    }

    /// The process that executed it is gone, and did not say how it ended.
    async fn bury(&self, resumption: Resumption) -> Outcome {
        let Resumption { process, kill_grace, kill_orphans, .. } = resumption;
        let rest = match process {
            None => "it had no process of its own",
            Some(process) => match self.runner.reap(process, kill_grace, kill_orphans).await {
                Reaped::Gone => "nothing of its processes was left",
                Reaped::Ended => "what was left of its processes was ended",
                Reaped::Left => "its processes were left running, as configured",
            },
        };
        let reason = format!("the process that executed it, which this one took over from, is gone; {rest}");
        Outcome::bare(Ending::Lost, None, self.clock.now(), reason)
    }
}

#[async_trait]
impl Runner for Staying {
    async fn run(&self, mut order: Order) -> Outcome {
        let run = order.assignment.run;
        let (stop, ears) = watch::channel(*order.stop.borrow());
        let stop = Arc::new(stop);
        let (tell, heard) = mpsc::channel(1);
        let asked = std::mem::replace(&mut order.stop, ears);
        let started = Some((heard, std::mem::replace(&mut order.started, tell)));
        let job = order.assignment.job.definition.name.clone();
        self.note(run, Going { job, started_at: None, stop: Arc::clone(&stop) });
        self.attend(run, self.runner.run(order), Reins { asked, stop, started }).await
    }

    async fn find(&self, run: RunId) -> Option<Outlived> {
        let known = self.there().runs.get(&run).map(|left| left.stay.clone());
        match known {
            Some(Stay { job, started_at, .. }) => Some(Outlived { job, started_at }),
            None => self.runner.find(run).await,
        }
    }

    async fn resume(&self, mut resumption: Resumption) -> Outcome {
        let run = resumption.run;
        let left = self.there().runs.remove(&run);
        let Some(left) = left else { return self.runner.resume(resumption).await };
        let (stop, ears) = watch::channel(Stop::No);
        let stop = Arc::new(stop);
        let asked = std::mem::replace(&mut resumption.stop, ears.clone());
        let Stay { job, started_at, .. } = left.stay.clone();
        self.note(run, Going { job, started_at, stop: Arc::clone(&stop) });
        let execution = self.follow(left, ears, resumption);
        self.attend(run, execution, Reins { asked, stop, started: None }).await
    }

    async fn sweep(&self, wanted: &[RunId]) {
        self.runner.sweep(wanted).await;
    }

    fn settled(&self, runs: &[RunId]) {
        self.runner.settled(runs);
    }

    async fn leave(&self) -> Vec<RunId> {
        let left = self.runner.leave().await;
        let mut here = self.here();
        for run in &left {
            here.runs.remove(run);
        }
        left
    }

    fn stay(&self) -> usize {
        let mut here = self.here();
        if here.heir.is_none() {
            let (heir, ends) = mpsc::unbounded_channel();
            (here.heir, here.ends) = (Some(heir), Some(ends));
        }
        here.runs.len() + here.over.len()
    }

    async fn reap(&self, process: Process, grace: Duration, kill: bool) -> Reaped {
        self.runner.reap(process, grace, kill).await
    }
}
