//! A model of what the pool was given, and that it keeps its bounds and answers for every run whatever is done to it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Offer { job: usize, count: usize },
    Again(usize),
    Accept,
    Withdraw,
    Next,
    Leave(usize),
    Revoke(usize),
    Postpone(usize),
    End(usize),
    Kill(usize),
    Acknowledge(usize),
    Inquire(usize),
    Hold(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    prop_oneof![
        6 => (which(), 1_usize..5).prop_map(|(job, count)| Step::Offer { job, count }),
        2 => which().prop_map(Step::Again),
        6 => Just(Step::Accept),
        1 => Just(Step::Withdraw),
        6 => Just(Step::Next),
        4 => which().prop_map(Step::Leave),
        1 => which().prop_map(Step::Revoke),
        1 => which().prop_map(Step::Postpone),
        6 => which().prop_map(Step::End),
        2 => which().prop_map(Step::Kill),
        4 => which().prop_map(Step::Acknowledge),
        2 => which().prop_map(Step::Inquire),
        1 => any::<bool>().prop_map(Step::Hold),
    ]
}

/// What is known of the pool from outside.
struct Model {
    pool: Pool,
    jobs: Vec<Arc<Job>>,
    batches: Vec<AssignmentBatch>,
    runs: BTreeMap<RunId, Arc<Job>>,
    fresh: Vec<Arc<Assignment>>,
    waiting: BTreeSet<RunId>,
    /// Those that have a slot and no leave.
    ready: Vec<Arc<Assignment>>,
    /// Those that have leave and were not begun.
    let_begin: BTreeSet<RunId>,
    executing: Vec<Arc<Assignment>>,
    over: BTreeSet<RunId>,
    forgotten: BTreeSet<RunId>,
    refused: BTreeSet<RunId>,
    number: i64,
}

const SLOTS: usize = 3;
const QUEUE: usize = 6;

impl Model {
    fn new() -> Self {
        let jobs = vec![job(1, 5, None), job(2, 5, Some(1)), job(3, 9, Some(2)), job(4, 0, None)];
        Self {
            pool: pool(SLOTS, QUEUE),
            jobs,
            batches: Vec::new(),
            runs: BTreeMap::new(),
            fresh: Vec::new(),
            waiting: BTreeSet::new(),
            ready: Vec::new(),
            let_begin: BTreeSet::new(),
            executing: Vec::new(),
            over: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            refused: BTreeSet::new(),
            number: 0,
        }
    }

    fn run(&self, which: usize) -> Option<RunId> {
        let place = which.checked_rem(self.runs.len())?;
        self.runs.keys().nth(place).copied()
    }

    fn act(&mut self, step: Step) {
        match step {
            Step::Offer { job, count } => self.offer(job, count),
            Step::Again(which) => {
                let Some(place) = which.checked_rem(self.batches.len()) else { return };
                let offer = self.pool.offer(self.batches[place].clone());
                assert!(offer.fresh.is_empty() && offer.reports.is_empty(), "a batch was looked at twice");
            }
            Step::Accept => {
                for assignment in std::mem::take(&mut self.fresh) {
                    let run = assignment.run;
                    let reports = self.pool.accepted(vec![assignment]);
                    assert_eq!(reports.is_empty(), self.over.contains(&run) || self.forgotten.contains(&run));
                    if !reports.is_empty() {
                        self.waiting.insert(run);
                    }
                }
            }
            Step::Withdraw => {
                let reports = self.pool.withdrawn(&std::mem::take(&mut self.fresh), "the disk is full");
                self.note_refusals(&reports);
            }
            Step::Next => self.next(),
            Step::Leave(which) => self.leave(which),
            Step::Revoke(which) => self.revoke(which),
            Step::Postpone(which) => {
                let Some(place) = which.checked_rem(self.executing.len()) else { return };
                let assignment = self.executing.remove(place);
                self.waiting.insert(assignment.run);
                self.pool.postponed(assignment);
            }
            Step::End(which) => {
                let Some(place) = which.checked_rem(self.executing.len()) else { return };
                let assignment = self.executing.remove(place);
                self.over.insert(assignment.run);
                end(&mut self.pool, assignment.run, assignment.job.id);
            }
            Step::Kill(which) => self.run(which).into_iter().for_each(|run| self.kill(run)),
            Step::Acknowledge(which) => {
                let Some(run) = self.run(which) else { return };
                let forgotten = self.pool.acknowledged(&[run]);
                assert_eq!(!forgotten.is_empty(), self.over.remove(&run));
                self.forgotten.extend(forgotten);
            }
            Step::Inquire(which) => self.run(which).into_iter().for_each(|run| self.inquire(run)),
            Step::Hold(hold) => self.pool.hold(hold),
        }
    }

    fn offer(&mut self, job: usize, count: usize) {
        let job = Arc::clone(&self.jobs[job % self.jobs.len()]);
        let next = |_| {
            self.number += 1;
            Assignment { on_leave: self.number % 3 == 0, ..assignment(&job, self.number) }
        };
        let assignments: Vec<_> = (0..count).map(next).collect();
        self.runs.extend(assignments.iter().map(|assignment| (assignment.run, Arc::clone(&job))));
        let batch = batch(self.batches.len() as u64 + 1, assignments);
        let offer = self.pool.offer(batch.clone());
        assert_eq!(offer.fresh.len() + offer.reports.len(), batch.assignments.len(), "each is answered or taken");
        self.note_refusals(&offer.reports);
        self.fresh.extend(offer.fresh);
        self.batches.push(batch);
        assert!(self.waiting.len() + self.fresh.len() <= QUEUE + 1 + SLOTS, "more wait than may");
    }

    fn note_refusals(&mut self, reports: &[Report]) {
        for report in reports {
            let Report::Refused { run, expired: false, .. } = report else { panic!("{report:?}") };
            assert!(self.refused.insert(*run), "refused twice");
        }
    }

    fn next(&mut self) {
        let best = self.waiting.iter().map(|run| self.runs[run].definition.priority).max();
        let starts = self.pool.next(LIFE);
        for assignment in starts.start.into_iter().chain(starts.ready) {
            assert!(!self.pool.is_held());
            if self.let_begin.remove(&assignment.run) {
                self.executing.push(assignment);
                continue;
            }
            assert!(self.waiting.remove(&assignment.run), "started what does not wait");
            let limited = assignment.job.definition.concurrency.is_some();
            assert!(limited || Some(assignment.job.definition.priority) <= best);
            if assignment.on_leave { &mut self.ready } else { &mut self.executing }.push(assignment);
        }
        self.ready.retain(|ready| !self.executing.iter().any(|other| other.run == ready.run));
        assert!(self.pool.is_held() || self.let_begin.is_empty(), "what may begin was not begun");
        let free = SLOTS - self.busy().count();
        let busy = |job: &Job| self.busy().filter(|other| other.job.id == job.id).count();
        for job in &self.jobs {
            assert!(job.definition.concurrency.is_none_or(|limit| busy(job) <= limit as usize), "too many of one job");
        }
        let could = |run: &&RunId| {
            let job = &self.runs[*run];
            job.definition.concurrency.is_none_or(|limit| busy(job) < limit as usize)
        };
        let left = self.waiting.iter().find(could);
        assert!(free == 0 || self.pool.is_held() || left.is_none(), "{left:?} could have started");
    }

    fn busy(&self) -> impl Iterator<Item = &Arc<Assignment>> {
        self.executing.iter().chain(&self.ready)
    }

    fn leave(&mut self, which: usize) {
        let Some(place) = which.checked_rem(self.ready.len()) else { return };
        let (run, handover) = (self.ready[place].run, self.ready[place].handover);
        // Of another hand-over, then twice: one counts.
        for handover in [Handover(handover.0 + 1), handover, handover] {
            self.pool.may_begin(&[(run, handover)]);
        }
        self.let_begin.insert(run);
    }

    fn revoke(&mut self, which: usize) {
        let Some(place) = which.checked_rem(self.ready.len()) else { return };
        let (run, handover) = (self.ready[place].run, self.ready[place].handover);
        assert!(self.pool.revoked(&[run], Handover(handover.0 - 1)).runs.is_empty(), "an earlier hand-over is meant");
        let revoked = self.pool.revoked(&[run], handover);
        assert_eq!(revoked.runs, [run]);
        self.note_refusals(&revoked.reports);
        self.forget_ready(run);
    }

    fn forget_ready(&mut self, run: RunId) {
        self.ready.retain(|ready| ready.run != run);
        self.let_begin.remove(&run);
    }

    fn kill(&mut self, run: RunId) {
        match self.pool.kill(run, "enough", LIFE) {
            Stopped::Executing => assert!(self.executing.iter().any(|other| other.run == run)),
            Stopped::Waiting(ended) => {
                assert_eq!((ended.run, ended.outcome.ending), (run, Ending::Killed));
                let was_ready = self.ready.iter().any(|other| other.run == run);
                self.forget_ready(run);
                assert!(was_ready || self.waiting.remove(&run) || self.fresh.iter().any(|other| other.run == run));
                self.over.insert(run);
            }
            Stopped::Nothing => assert!(!self.waiting.contains(&run)),
        }
    }

    fn inquire(&mut self, run: RunId) {
        let reports = self.pool.inquired(&[run], Handover(i64::MAX));
        let known = match reports.first() {
            None => self.fresh.iter().any(|other| other.run == run),
            Some(Report::Accepted { .. }) => {
                self.waiting.contains(&run) || self.executing.iter().any(|other| other.run == run)
            }
            Some(Report::Ready { .. }) => self.ready.iter().any(|other| other.run == run),
            Some(Report::Ended { .. }) => self.over.contains(&run),
            Some(Report::Unknown { .. }) => self.refused.contains(&run) || self.forgotten.contains(&run),
            Some(other) => panic!("{other:?}"),
        };
        assert!(known, "{run}: {reports:?}");
    }

    fn check(&self) {
        assert_eq!(self.pool.executing(), self.busy().count());
        assert_eq!(self.pool.without_leave().len(), self.ready.len() - self.let_begin.len());
        assert!(self.pool.executing() <= SLOTS);
        assert_eq!(self.pool.queued(), self.waiting.len());
        assert_eq!(self.pool.unacknowledged_count(), self.over.len());
    }
}

proptest! {
    #[test]
    fn it_keeps_its_bounds_and_answers_for_every_run(steps in prop::collection::vec(step(), 1..150)) {
        let mut model = Model::new();
        for step in steps {
            model.act(step);
            model.check();
        }
    }
}
