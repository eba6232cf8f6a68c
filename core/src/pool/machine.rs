//! The pool's state, and what it is told.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::dispatch::RunTable;
use crate::id::{JobId, RunId};
use crate::job::OnTimeout;
use crate::port::membership::Member;
use crate::port::spool::Remembered;
use crate::run::{Ending, Outcome};
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Report};

use super::disowned::Disowned;
use super::known::{Ended, Known, has_effect};
use super::queue::Queue;
use super::senders::Senders;
use super::staged::Staged;

/// Why nothing is taken any more.
const ENDING: &str = "the node is ending";

/// How the pool does its work.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many processes and HTTP calls it executes at a time.
    pub slots: usize,
    /// How many runs may wait for a slot.
    pub queue: usize,
    /// When this node started.
    pub life: Timestamp,
}

/// What an executor has.
#[derive(Debug)]
pub struct Pool {
    pub(super) settings: Settings,
    pub(super) known: RunTable<Known>,
    pub(super) queue: Queue,
    /// What was handed over ahead of its moment.
    pub(super) staged: Staged,
    /// How many of them are still wanted.
    pub(super) staged_count: usize,
    pub(super) executing: usize,
    pub(super) per_job: HashMap<JobId, u32>,
    deadlines: BTreeMap<(Timestamp, RunId), ()>,
    senders: Senders,
    /// What has got leave to begin and has not begun.
    pub(super) on_leave: Vec<Arc<Assignment>>,
    /// How many runs are offered and neither accepted nor withdrawn.
    offered: usize,
    pub(super) disowned: Disowned,
    pub(super) held: bool,
    pub(super) closed: bool,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Offer {
    /// To be written to the spool, then given to [`Pool::accepted`] or [`Pool::withdrawn`].
    pub fresh: Vec<Arc<Assignment>>,
    /// To be told to the dispatcher at once.
    pub reports: Vec<Report>,
}

/// What may start now.
#[derive(Debug, Default)]
pub struct Starts {
    /// To be written to the spool as starting, then started.
    pub start: Vec<Arc<Assignment>>,
    /// Runs that have a slot: to be told to their dispatchers, which let them begin.
    pub ready: Vec<Arc<Assignment>>,
    /// Runs that are nothing but their end.
    pub instant: Vec<Ended>,
    /// Runs that waited too long.
    pub expired: Vec<Arc<Assignment>>,
}

/// What came of a wish to have runs back.
#[derive(Debug, Default)]
pub struct Revoked {
    /// To be told to who asked.
    pub reports: Vec<Report>,
    /// Those that were given back: the spool may forget them.
    pub runs: Vec<RunId>,
}

/// What came of a wish to end a run.
#[derive(Debug, PartialEq)]
pub enum Stopped {
    /// It executes: it has to be told.
    Executing,
    /// It waited, and is over now.
    Waiting(Ended),
    /// It is over already, or not known.
    Nothing,
}

impl Pool {
    /// Has nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            known: RunTable::default(),
            queue: Queue::empty(),
            staged: Staged::default(),
            staged_count: 0,
            executing: 0,
            per_job: HashMap::new(),
            deadlines: BTreeMap::new(),
            senders: Senders::default(),
            on_leave: Vec::new(),
            offered: 0,
            disowned: Disowned::default(),
            held: false,
            closed: false,
        }
    }

    /// Takes what the spool remembers of the node's former life. Returns the runs that may have been started and have
    /// no outcome: it has to be found out what is left of them, then [`Self::ended`] is called. What was never begun is
    /// in the second list: nobody needs to remember it.
    pub fn recover(&mut self, remembered: Vec<Remembered>) -> (Vec<Remembered>, Vec<RunId>) {
        let mut orphans = Vec::new();
        let mut never_begun = Vec::new();
        for entry in remembered {
            let run = entry.run;
            match (&entry.outcome, entry.begun) {
                (Some(outcome), _) => {
                    let ended = Ended { run, job: entry.job, outcome: Arc::clone(outcome) };
                    self.known.insert(run, Known::Ended(ended));
                }
                (None, true) => {
                    self.known.insert(run, Known::Orphaned);
                    orphans.push(entry);
                }
                (None, false) => never_begun.push(run),
            }
        }
        (orphans, never_begun)
    }

    /// A run of a former life goes on: it takes a slot, also when there is none. Returns what to report.
    pub fn resumed(&mut self, run: RunId, job: JobId, started_at: Option<Timestamp>) -> Option<Report> {
        self.executing += 1;
        *self.per_job.entry(job).or_default() += 1;
        let known = Known::Resumed { job, started_at };
        let report = known.report(run);
        self.known.insert(run, known);
        report
    }

    /// A run goes on without this life of the node: nothing more is known of it here.
    pub fn left(&mut self, run: RunId) {
        let job = match self.known.get(&run) {
            Some(Known::Executing { assignment, .. }) => assignment.job.id,
            Some(Known::Resumed { job, .. }) => *job,
            _ => return,
        };
        self.known.insert(run, Known::Orphaned);
        self.free(job);
    }

    /// A dispatcher hands runs over.
    pub fn offer(&mut self, batch: AssignmentBatch) -> Offer {
        let mut offer = Offer::default();
        if batch.to_life > self.settings.life {
            // Meant for a successor, who answers for itself.
            return offer;
        }
        if batch.to_life < self.settings.life {
            // Meant for a former life, of which the spool has told all there is.
            let answer = |assignment: &Assignment| match self.known.get(&assignment.run) {
                Some(known) => known.report(assignment.run),
                None => Some(assignment.refused("the node was started again meanwhile", false)),
            };
            offer.reports = batch.assignments.iter().filter_map(answer).collect();
            return offer;
        }
        if !self.senders.is_new(&batch.from, batch.from_life, batch.sequence) {
            return offer;
        }
        for assignment in batch.assignments {
            self.consider(assignment, &mut offer);
        }
        offer
    }

    fn consider(&mut self, assignment: Assignment, offer: &mut Offer) {
        let run = assignment.run;
        if let Some(known) = self.known.get(&run) {
            offer.reports.extend(known.report(run));
        } else if self.disowned.refuses(run, assignment.handover) {
            offer.reports.push(assignment.refused("it had been asked for before it came", false));
        } else if self.closed {
            offer.reports.push(assignment.refused(ENDING, false));
        } else if self.queued() + self.offered >= self.settings.queue {
            offer.reports.push(assignment.refused("its queue is full", false));
        } else {
            let assignment = Arc::new(assignment);
            self.offered += 1;
            self.known.insert(run, Known::Offered(Arc::clone(&assignment)));
            offer.fresh.push(assignment);
        }
    }

    /// Who lives.
    pub fn members_changed(&mut self, members: &[Member]) {
        self.senders.members_changed(members);
    }

    /// Offered runs are in the spool: they wait for a slot now. Returns what to report.
    pub fn accepted(&mut self, fresh: Vec<Arc<Assignment>>) -> Vec<Report> {
        let mut reports = Vec::with_capacity(fresh.len());
        self.offered = self.offered.saturating_sub(fresh.len());
        for assignment in fresh {
            let (run, handover) = (assignment.run, assignment.handover);
            // A run may have been killed between the offer and now.
            let Some(known @ Known::Offered(_)) = self.known.get_mut(&run) else { continue };
            if self.closed {
                self.known.remove(&run);
                reports.push(assignment.refused(ENDING, false));
                continue;
            }
            if has_effect(&assignment) {
                reports.push(Report::Accepted { run, handover });
            }
            if let Some(not_before) = assignment.not_before {
                *known = Known::Staged(Arc::clone(&assignment));
                self.staged_count += 1;
                self.staged.put(not_before, assignment);
            } else {
                *known = Known::Queued(Arc::clone(&assignment));
                self.queue.push(assignment);
            }
        }
        reports
    }

    /// The spool refused offered runs: they may go elsewhere. Returns what to report.
    pub fn withdrawn(&mut self, fresh: &[Arc<Assignment>], why: &str) -> Vec<Report> {
        self.offered = self.offered.saturating_sub(fresh.len());
        let mut reports = Vec::with_capacity(fresh.len());
        for assignment in fresh {
            // One that was killed meanwhile has its end already.
            if matches!(self.known.get(&assignment.run), Some(Known::Offered(_))) {
                self.known.remove(&assignment.run);
                reports.push(assignment.refused(why, false));
            }
        }
        reports
    }

    /// A run could not be begun after all, because the spool refused: it waits again.
    pub fn postponed(&mut self, assignment: Arc<Assignment>) {
        self.known.insert(assignment.run, Known::Queued(Arc::clone(&assignment)));
        let job = assignment.job.id;
        self.queue.put_back(assignment);
        self.free(job);
    }

    /// A run has started: its timeout begins.
    pub fn started(&mut self, run: RunId, at: Timestamp) {
        if let Some(Known::Executing { assignment, started_at }) = self.known.get_mut(&run) {
            *started_at = Some(at);
            if let Some(timeout) = assignment.job.definition.timeout {
                self.deadlines.insert((at + timeout.duration(), run), ());
            }
        }
    }

    /// A run is over: its slot is free. Its outcome is kept until it is acknowledged.
    pub fn ended(&mut self, run: RunId, job: JobId, outcome: Outcome) -> Ended {
        if let Some(Known::Executing { assignment, started_at }) = self.known.get(&run) {
            if let (Some(at), Some(timeout)) = (started_at, assignment.job.definition.timeout) {
                self.deadlines.remove(&(*at + timeout.duration(), run));
            }
            self.free(job);
        } else if let Some(Known::Resumed { .. }) = self.known.get(&run) {
            self.free(job);
        }
        let ended = Ended { run, job, outcome: Arc::new(outcome) };
        self.known.insert(run, Known::Ended(ended.clone()));
        ended
    }

    pub(super) fn free(&mut self, job: JobId) {
        self.executing = self.executing.saturating_sub(1);
        if let Some(running) = self.per_job.get_mut(&job) {
            *running -= 1;
            if *running == 0 {
                self.per_job.remove(&job);
            }
        }
        self.queue.unpark(job);
    }

    /// Outcomes are durable elsewhere: returns those that this pool forgets now.
    pub fn acknowledged(&mut self, runs: &[RunId]) -> Vec<RunId> {
        let ended = |run: &&RunId| matches!(self.known.get(run), Some(Known::Ended(_)));
        let forgotten: Vec<RunId> = runs.iter().filter(ended).copied().collect();
        for run in &forgotten {
            self.known.remove(run);
        }
        forgotten
    }

    /// Someone wants a run's end.
    pub fn kill(&mut self, run: RunId, reason: &str, now: Timestamp) -> Stopped {
        match self.known.get(&run) {
            Some(Known::Executing { .. } | Known::Resumed { .. }) => Stopped::Executing,
            Some(Known::Ready { assignment, .. }) => {
                let job = assignment.job.id;
                self.free(job);
                Stopped::Waiting(self.ended(run, job, Outcome::bare(Ending::Killed, None, now, reason)))
            }
            Some(Known::Staged(assignment)) => {
                let job = assignment.job.id;
                self.staged_count -= 1;
                Stopped::Waiting(self.ended(run, job, Outcome::bare(Ending::Killed, None, now, reason)))
            }
            Some(Known::Queued(assignment) | Known::Offered(assignment)) => {
                let job = assignment.job.id;
                self.queue.remove(assignment);
                // It may have been brought back in the place of others that are set aside.
                self.queue.unpark(job);
                Stopped::Waiting(self.ended(run, job, Outcome::bare(Ending::Killed, None, now, reason)))
            }
            _ => Stopped::Nothing,
        }
    }

    /// The outcomes nobody has acknowledged.
    #[must_use]
    pub fn unacknowledged(&self) -> Vec<Ended> {
        let ended = |known: &Known| match known {
            Known::Ended(ended) => Some(ended.clone()),
            _ => None,
        };
        self.known.values().filter_map(ended).collect()
    }

    /// The runs whose timeout is over at `now`, and what their jobs want then; each is named once.
    pub fn timed_out(&mut self, now: Timestamp) -> Vec<(RunId, OnTimeout)> {
        let mut over = Vec::new();
        while let Some(first) = self.deadlines.first_entry()
            && first.key().0 <= now
        {
            let ((_, run), ()) = first.remove_entry();
            if let Some(Known::Executing { assignment, .. }) = self.known.get(&run) {
                over.push((run, assignment.job.definition.on_timeout));
            }
        }
        over
    }

    /// When the next timeout is over.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first_key_value().map(|((at, _), ())| *at)
    }

    /// Starts nothing new, or goes on.
    pub fn hold(&mut self, hold: bool) {
        self.held = hold;
    }

    /// Takes nothing new and starts nothing new, for good. Returns what to report of the runs that wait, which may go
    /// elsewhere, each with its job.
    pub fn close(&mut self) -> Vec<(JobId, Report)> {
        self.closed = true;
        self.give_back(ENDING)
    }

    /// Gives back what waits for a slot, for its moment or for leave: it may go elsewhere. Returns what to report, each
    /// with its job.
    pub fn give_back(&mut self, why: &str) -> Vec<(JobId, Report)> {
        let staged = self.staged.take_all();
        let is_wanted = |assignment: &Arc<Assignment>| is_staged(self.known.get(&assignment.run), assignment);
        let mut returned: Vec<_> = staged.filter(is_wanted).collect();
        self.staged_count = 0;
        returned.extend(self.take_ready());
        returned.extend(self.queue.take_all());
        for assignment in &returned {
            self.known.remove(&assignment.run);
        }
        returned.iter().map(|assignment| (assignment.job.id, assignment.refused(why, false))).collect()
    }

    /// How many runs execute.
    #[must_use]
    pub const fn executing(&self) -> usize {
        self.executing
    }

    /// How many wait for a slot, or for their moment.
    #[must_use]
    pub const fn queued(&self) -> usize {
        self.queue.len() + self.staged_count
    }

    /// Whether it starts nothing new for now.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.held
    }

    /// How many outcomes are not acknowledged.
    #[must_use]
    pub fn unacknowledged_count(&self) -> usize {
        self.known.values().filter(|known| matches!(known, Known::Ended(_))).count()
    }
}

/// Whether this is the hand-over in which the run waits for its moment.
pub(super) fn is_staged(known: Option<&Known>, assignment: &Arc<Assignment>) -> bool {
    matches!(known, Some(Known::Staged(staged)) if Arc::ptr_eq(staged, assignment))
}
