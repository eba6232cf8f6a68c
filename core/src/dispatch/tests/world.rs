//! A store, executors and messages in flight around one dispatcher.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::dispatch::active::Phase;
use crate::pool::{self, Pool};
use crate::port::spool::Remembered;
use crate::port::store::{Recorded, Recording};
use crate::run::{Ending, Outcome, State};
use crate::wire::{AssignmentBatch, Control, Report};

/// A message on its way.
#[derive(Clone, Debug)]
pub(super) enum Flight {
    Assign(NodeName, AssignmentBatch),
    Control(NodeName, Vec<Control>),
    Reports(NodeName, Vec<Report>),
}

/// One executor, and what survives its end.
pub(super) struct Executor {
    pub(super) life: Timestamp,
    pub(super) pool: Pool,
    pub(super) spool: BTreeMap<RunId, Remembered>,
    pub(super) executing: BTreeSet<RunId>,
    pub(super) alive: bool,
    /// Whether the others believe that it is gone: it is cut off from the register, and nothing else.
    pub(super) hidden: bool,
}

impl Executor {
    fn born(life: Timestamp) -> Self {
        let pool = Pool::new(pool::Settings { slots: 2, queue: 4, life });
        Self { life, pool, spool: BTreeMap::new(), executing: BTreeSet::new(), alive: true, hidden: false }
    }
}

/// What the store makes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Done,
    Refused,
    /// Done, but nobody was told.
    Unheard,
}

pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) dispatch: Dispatch,
    pub(super) jobs: Vec<Arc<Job>>,
    pub(super) rows: BTreeMap<RunId, Run>,
    pub(super) executors: BTreeMap<NodeName, Executor>,
    pub(super) flights: Vec<Flight>,
    pub(super) starts: BTreeMap<RunId, NodeName>,
    handover: Handover,
    writing: Option<Recording>,
    asked: Vec<RunId>,
    sequences: BTreeMap<NodeName, u64>,
    life: Timestamp,
}

impl World {
    pub(super) fn new(handover: Handover, jobs: Vec<Arc<Job>>) -> Self {
        let names: &[&str] = if handover == Handover::Sole { &["a"] } else { &["a", "b", "c"] };
        let executors = names.iter().map(|name| (node(name), Executor::born(NOON))).collect();
        let mut world = Self {
            now: NOON,
            dispatch: Dispatch::new(settings(handover)),
            jobs,
            rows: BTreeMap::new(),
            executors,
            flights: Vec::new(),
            starts: BTreeMap::new(),
            handover,
            writing: None,
            asked: Vec::new(),
            sequences: BTreeMap::new(),
            life: NOON,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        self.dispatch = Dispatch::new(settings(self.handover));
        lend_all(&mut self.dispatch, 1);
        self.jobs.iter().for_each(|job| self.dispatch.job_changed(Arc::clone(job)));
        self.dispatch.catalog_complete(self.now);
        self.tell_members();
    }

    pub(super) fn tell_members(&mut self) {
        let alive = self.executors.iter().filter(|(_, executor)| executor.alive && !executor.hidden);
        let members: Vec<_> = alive.map(|(name, executor)| member(name.as_str(), executor.life)).collect();
        self.dispatch.members_changed(&members, self.now);
    }

    /// The dispatcher dies, in the middle of what it writes; another finds its runs.
    pub(super) fn take_over(&mut self, written: bool) {
        if let Some(recording) = self.writing.take().filter(|_| written) {
            self.write(&recording);
        }
        if self.handover == Handover::Sole {
            self.crash(&node("a"));
            self.bear(&node("a"));
        }
        self.life = self.now;
        self.asked.clear();
        self.sequences.clear();
        self.begin();
        let rows = self.rows.values().filter(|row| !row.state.is_terminal()).cloned().collect();
        self.dispatch.adopt(rows, self.now);
    }

    pub(super) fn crash(&mut self, name: &NodeName) {
        let executor = self.executors.get_mut(name).unwrap();
        executor.alive = false;
        executor.executing.clear();
    }

    /// A new life, over the spool of the old one.
    pub(super) fn bear(&mut self, name: &NodeName) {
        let (now, executor) = (self.now, self.executors.get_mut(name).unwrap());
        if executor.alive {
            return;
        }
        let spool = std::mem::take(&mut executor.spool);
        *executor = Executor { spool, ..Executor::born(now.max(executor.life + Duration::from_millis(1))) };
        let (orphans, never_begun) = executor.pool.recover(executor.spool.values().cloned().collect());
        never_begun.iter().for_each(|run| drop(executor.spool.remove(run)));
        for orphan in orphans {
            let lost = Outcome::bare(Ending::Lost, orphan.started_at, now, "its node died");
            self.end(name, orphan.run, lost);
        }
    }

    pub(super) fn create(&mut self, place: usize, ahead: Duration) {
        let job = Arc::clone(&self.jobs[place % self.jobs.len()]);
        let mut rows = vec![row(&job, self.now + ahead, self.now)];
        self.dispatch.place(&mut rows, self.now);
        rows.retain(|run| !self.rows.contains_key(&run.id));
        self.rows.extend(rows.iter().map(|run| (run.id, run.clone())));
        self.dispatch.created_ahead(rows, self.now);
    }

    /// Somebody edits a job.
    pub(super) fn edit(&mut self, place: usize) {
        let (now, place) = (self.now, place % self.jobs.len());
        let job = &self.jobs[place];
        let revision = crate::id::Revision(job.revision.0 + 1);
        self.jobs[place] = Arc::new(Job { revision, effective_from: now, ..Job::clone(job) });
        self.dispatch.job_changed(Arc::clone(&self.jobs[place]));
        self.dispatch.revoke_changed(now);
    }

    /// What the dispatcher wants goes on its way.
    pub(super) fn pump(&mut self) {
        let effects = self.dispatch.take_effects();
        for (name, assignments) in effects.assign {
            let sequence = self.sequences.entry(name.clone()).or_default();
            *sequence += 1;
            let batch = AssignmentBatch {
                from: node("a"),
                from_life: self.life,
                to_life: self.executors[&name].life,
                sequence: *sequence,
                sent_at: None,
                assignments,
            };
            self.flights.push(Flight::Assign(name, batch));
        }
        self.flights.extend(effects.control.into_iter().map(|(name, controls)| Flight::Control(name, controls)));
        self.asked.extend(effects.look_up);
    }

    pub(super) fn look_up(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        let rows = asked.iter().filter_map(|id| self.rows.get(id).cloned()).collect();
        self.dispatch.looked_up(&asked, rows, self.now);
    }

    pub(super) fn flush(&mut self, write: Write) {
        let Some(recording) = self.writing.take().or_else(|| self.dispatch.flush(7)) else { return };
        let recorded = if write == Write::Refused { None } else { Some(self.write(&recording)) };
        match recorded.filter(|_| write == Write::Done) {
            Some(recorded) => self.dispatch.flushed(recorded, self.now),
            None => self.writing = Some(recording),
        }
    }

    fn write(&mut self, recording: &Recording) -> Recorded {
        let mut recorded = Recorded::default();
        for update in &recording.updates {
            let row = self.rows.get_mut(&update.run.id).unwrap();
            if row.state == update.from {
                *row = update.run.clone();
                if let Some(next) = &update.next_attempt {
                    self.rows.entry(next.id).or_insert_with(|| *next.clone());
                }
            } else {
                recorded.conflicts.push(row.clone());
            }
        }
        recorded
    }

    pub(super) fn deliver(&mut self, flight: Flight) {
        match flight {
            Flight::Reports(name, reports) => self.dispatch.reported(&name, reports, self.now),
            Flight::Assign(name, batch) if self.executors[&name].alive => self.take(&name, batch),
            Flight::Control(name, controls) if self.executors[&name].alive => self.obey(&name, controls),
            Flight::Assign(..) | Flight::Control(..) => {}
        }
    }

    fn take(&mut self, name: &NodeName, batch: AssignmentBatch) {
        let executor = self.executors.get_mut(name).unwrap();
        let mut offer = executor.pool.offer(batch);
        for fresh in &offer.fresh {
            let entry = Remembered {
                run: fresh.run,
                job: fresh.job.id,
                begun: false,
                started_at: None,
                process: None,
                outcome: None,
            };
            executor.spool.insert(fresh.run, entry);
        }
        offer.reports.extend(executor.pool.accepted(offer.fresh));
        self.report(name, offer.reports);
    }

    fn obey(&mut self, name: &NodeName, controls: Vec<Control>) {
        for control in controls {
            let executor = self.executors.get_mut(name).unwrap();
            match control {
                Control::Acknowledge { runs } => {
                    let forgotten = executor.pool.acknowledged(&runs);
                    forgotten.iter().for_each(|run| drop(executor.spool.remove(run)));
                }
                Control::Kill { run, reason } => match executor.pool.kill(run, &reason, self.now) {
                    pool::Stopped::Executing => {
                        let killed = Outcome::bare(Ending::Killed, Some(self.now), self.now, reason);
                        self.end(name, run, killed);
                    }
                    pool::Stopped::Waiting(ended) => {
                        executor.spool.get_mut(&run).unwrap().outcome = Some(Arc::clone(&ended.outcome));
                        self.report(name, vec![ended.report()]);
                    }
                    pool::Stopped::Nothing => {}
                },
                Control::Hold(hold) => executor.pool.hold(hold),
                Control::Begin { runs } => executor.pool.may_begin(&runs),
                Control::Revoke { runs, upto, .. } => {
                    let revoked = executor.pool.revoked(&runs, upto);
                    revoked.runs.iter().for_each(|run| drop(executor.spool.remove(run)));
                    self.report(name, revoked.reports);
                }
                Control::Inquire { runs, upto, .. } => {
                    let reports = executor.pool.inquired(&runs, upto);
                    self.report(name, reports);
                }
            }
        }
    }

    fn report(&mut self, name: &NodeName, reports: Vec<Report>) {
        if !reports.is_empty() {
            self.flights.push(Flight::Reports(name.clone(), reports));
        }
    }

    /// Starts what may start on a node.
    pub(super) fn start(&mut self, name: &NodeName) {
        let now = self.now;
        let executor = self.executors.get_mut(name).unwrap();
        if !executor.alive {
            return;
        }
        let starts = executor.pool.next(now);
        let mut reports: Vec<_> = starts.expired.iter().map(|late| late.refused("too late", true)).collect();
        reports.extend(starts.ready.iter().map(|one| Report::Ready { run: one.run, handover: one.handover }));
        for assignment in &starts.start {
            let run = assignment.run;
            executor.spool.get_mut(&run).unwrap().begun = true;
            executor.executing.insert(run);
            executor.pool.started(run, now);
            reports.push(Report::Started { run, at: now });
        }
        for assignment in starts.start {
            let before = self.starts.insert(assignment.run, name.clone());
            assert_eq!(before, None, "{} started again on {name}", assignment.run);
            assert!(self.rows[&assignment.run].not_before <= now, "{} started too early", assignment.run);
            self.keeps_to_itself(&assignment.job, assignment.run);
        }
        self.report(name, reports);
    }

    /// No other run of the job executes that the dispatcher has not given up.
    fn keeps_to_itself(&self, job: &Job, run: RunId) {
        if job.definition.overlap == Overlap::Allow {
            return;
        }
        let executing = self.executors.values().flat_map(|executor| &executor.executing);
        let not_over = |other: &&RunId| {
            let active = self.dispatch.active.get(*other);
            **other != run
                && active.is_some_and(|active| active.run.job == job.id && !matches!(active.phase, Phase::Over { .. }))
        };
        let other = executing.copied().find(|other| not_over(&other));
        assert_eq!(other, None, "{run} started beside it ({:?})", job.definition.overlap);
    }

    pub(super) fn end(&mut self, name: &NodeName, run: RunId, outcome: Outcome) {
        let executor = self.executors.get_mut(name).unwrap();
        executor.executing.remove(&run);
        let job = executor.spool[&run].job;
        let ended = executor.pool.ended(run, job, outcome);
        executor.spool.get_mut(&run).unwrap().outcome = Some(Arc::clone(&ended.outcome));
        self.report(name, vec![ended.report()]);
    }

    pub(super) fn end_one(&mut self, which: usize, ending: Ending) {
        let all: Vec<_> = self
            .executors
            .iter()
            .flat_map(|(name, executor)| executor.executing.iter().map(|run| (name.clone(), *run)))
            .collect();
        let Some((name, run)) = which.checked_rem(all.len()).map(|place| all[place].clone()) else { return };
        self.end(&name, run, Outcome::bare(ending, Some(self.now), self.now, ""));
    }

    pub(super) fn repeat_outcomes(&mut self) {
        let unheard = |(name, executor): (&NodeName, &Executor)| {
            let ended = executor.pool.unacknowledged().into_iter().map(|ended| ended.report());
            let reports: Vec<_> = ended.chain(executor.pool.without_leave().into_iter().map(|(_, r)| r)).collect();
            (executor.alive && !reports.is_empty()).then(|| Flight::Reports(name.clone(), reports))
        };
        let flights: Vec<_> = self.executors.iter().filter_map(unheard).collect();
        self.flights.extend(flights);
    }

    /// Everybody lives, everything arrives, everything ends: at last no run is left.
    pub(super) fn settle(&mut self) {
        let names: Vec<_> = self.executors.keys().cloned().collect();
        names.iter().for_each(|name| self.bear(name));
        self.executors.values_mut().for_each(|executor| executor.hidden = false);
        self.tell_members();
        for _ in 0..300 {
            self.now = self.now + seconds(1);
            self.dispatch.tick(self.now);
            self.pump();
            for flight in std::mem::take(&mut self.flights) {
                self.deliver(flight);
                self.pump();
            }
            names.iter().for_each(|name| self.start(name));
            self.end_one(0, Ending::Succeeded);
            self.repeat_outcomes();
            self.look_up();
            (0..3).for_each(|_| self.flush(Write::Done));
            if self.dispatch.is_empty() && self.rows.values().all(|row| row.state.is_terminal()) {
                return self.is_clean();
            }
        }
        let left: Vec<_> = self
            .dispatch
            .active
            .values()
            .map(|active| (active.run.id, active.run.state, active.durable, &active.phase, &active.killed))
            .collect();
        panic!("runs are left: {left:?}");
    }

    fn is_clean(&self) {
        assert_eq!((self.dispatch.out(), self.dispatch.unflushed(), self.dispatch.ready.len()), (0, 0, 0));
        assert_eq!(self.dispatch.staged, 0);
        let load = format!("{:?}", self.dispatch.load);
        assert_eq!(load, "Load({})");
        for run in self.rows.values() {
            assert!(run.attempt.0 <= 3, "too many attempts: {run:?}");
            let executed = matches!(run.state, State::Succeeded | State::Failed | State::TimedOut);
            assert!(!executed || self.starts.contains_key(&run.id), "an outcome of nothing: {run:?}");
        }
    }
}
