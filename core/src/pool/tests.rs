//! The pool against a model of what it was given, in any order; then rule by rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::duration::Period;
use crate::id::{JobId, NodeName, RunId};
use crate::job::{Command, Definition, Job, JobName, OnTimeout};
use crate::port::spool::Remembered;
use crate::run::{Ending, Outcome};
use crate::suite::samples;
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Handover, Report};

const LIFE: Timestamp = Timestamp::from_seconds(1_000);

fn job(id: i64, priority: u8, concurrency: Option<u32>) -> Arc<Job> {
    let name = JobName::new(&format!("job-{id}")).unwrap();
    let definition = Definition {
        priority,
        concurrency,
        timeout: Some(Period::from_secs(10)),
        ..Definition::new(name, Command::shell("true"))
    };
    Arc::new(Job::added(JobId(id), Arc::new(definition), "ann", LIFE))
}

fn assignment(job: &Arc<Job>, number: i64) -> Assignment {
    let due_at = LIFE + std::time::Duration::from_millis(number.cast_unsigned());
    samples::assignment(job, due_at, Handover(number))
}

fn batch(sequence: u64, assignments: Vec<Assignment>) -> AssignmentBatch {
    let from = NodeName::new("d").unwrap();
    AssignmentBatch { from, from_life: LIFE, to_life: LIFE, sequence, sent_at: None, assignments }
}

fn pool(slots: usize, queue: usize) -> Pool {
    Pool::new(Settings { slots, queue, life: LIFE })
}

/// Offers them in one batch and accepts what is fresh.
fn give(pool: &mut Pool, sequence: u64, assignments: Vec<Assignment>) -> Vec<Report> {
    let mut offer = pool.offer(batch(sequence, assignments));
    offer.reports.extend(pool.accepted(offer.fresh));
    offer.reports
}

fn end(pool: &mut Pool, run: RunId, job: JobId) -> Ended {
    pool.ended(run, job, Outcome::bare(Ending::Succeeded, Some(LIFE), LIFE, ""))
}

fn started(pool: &mut Pool) -> Vec<RunId> {
    pool.next(LIFE).start.iter().map(|assignment| assignment.run).collect()
}

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

#[test]
fn the_highest_priority_first_then_in_order_and_within_the_jobs_limit() {
    let mut pool = pool(2, 100);
    let [low, high, single] = [job(1, 1, None), job(2, 8, None), job(3, 8, Some(1))];
    let runs: Vec<_> =
        [&low, &single, &single, &high, &high].iter().zip(1..).map(|(job, number)| assignment(job, number)).collect();
    give(&mut pool, 1, runs.clone());
    assert_eq!(started(&mut pool), [runs[1].run, runs[3].run], "the second of the single ones waits for the first");
    end(&mut pool, runs[1].run, single.id);
    assert_eq!(started(&mut pool), [runs[2].run], "it goes before those that came later");
    end(&mut pool, runs[3].run, high.id);
    assert_eq!(started(&mut pool), [runs[4].run]);
    end(&mut pool, runs[4].run, high.id);
    assert_eq!(started(&mut pool), [runs[0].run]);
}

#[test]
fn runs_set_aside_keep_their_order_however_late_they_start() {
    let mut pool = pool(2, 100);
    let [pair, other] = [job(1, 5, Some(2)), job(2, 9, None)];
    let runs: Vec<_> = (1..=4).map(|number| assignment(&pair, number)).collect();
    give(&mut pool, 1, runs.clone());
    assert_eq!(started(&mut pool), [runs[0].run, runs[1].run]);
    assert!(started(&mut pool).is_empty());
    let urgent: Vec<_> = (5..=6).map(|number| assignment(&other, number)).collect();
    give(&mut pool, 2, urgent.clone());
    for (over, next) in [(&runs[0], &urgent[0]), (&runs[1], &urgent[1]), (&urgent[0], &runs[2]), (&urgent[1], &runs[3])]
    {
        end(&mut pool, over.run, over.job.id);
        assert_eq!(started(&mut pool), [next.run]);
    }
}

#[test]
fn what_was_disowned_is_refused_unless_it_is_handed_over_again() {
    let mut pool = pool(2, 100);
    let late = assignment(&job(1, 5, None), 7);
    let upto = Handover(9);
    assert_eq!(pool.inquired(&[late.run], upto), [Report::Unknown { run: late.run, upto }]);
    assert!(matches!(give(&mut pool, 1, vec![late.clone()])[..], [Report::Refused { expired: false, .. }]));
    let handover = Handover(10);
    let again = Assignment { handover, ..late.clone() };
    assert_eq!(give(&mut pool, 2, vec![again]), [Report::Accepted { run: late.run, handover }]);
    assert_eq!(started(&mut pool), [late.run]);
    end(&mut pool, late.run, late.job.id);
    assert_eq!(pool.acknowledged(&[late.run]), [late.run]);
    assert!(matches!(give(&mut pool, 3, vec![late])[..], [Report::Refused { .. }]), "it does not start twice");
}

#[test]
fn assignments_for_another_life_are_not_taken() {
    let job = job(1, 5, None);
    let [over, lost, never] = [1, 2, 3].map(|number| assignment(&job, number));
    let remembered = |assignment: &Assignment, begun, outcome| Remembered {
        run: assignment.run,
        job: job.id,
        begun,
        started_at: None,
        process: None,
        outcome,
    };
    let outcome = Arc::new(Outcome::bare(Ending::Failed, None, LIFE, ""));
    let mut pool = pool(2, 100);
    let (orphans, never_begun) = pool.recover(vec![
        remembered(&over, true, Some(Arc::clone(&outcome))),
        remembered(&lost, true, None),
        remembered(&never, false, None),
    ]);
    assert_eq!((orphans.len(), orphans[0].run, never_begun), (1, lost.run, vec![never.run]));

    let all = vec![over.clone(), lost.clone(), never.clone()];
    let former = AssignmentBatch { to_life: Timestamp::from_seconds(1), ..batch(1, all.clone()) };
    let offer = pool.offer(former);
    assert!(offer.fresh.is_empty());
    // Nobody may start again what this node may have started.
    assert_eq!(
        offer.reports,
        [Report::Ended { run: over.run, outcome }, never.refused("the node was started again meanwhile", false),]
    );
    let successor = AssignmentBatch { to_life: Timestamp::from_seconds(9_999), ..batch(1, all) };
    let offer = pool.offer(successor);
    assert!(offer.fresh.is_empty() && offer.reports.is_empty(), "it is not this life's to answer");
    assert_eq!(pool.kill(lost.run, "enough", LIFE), Stopped::Nothing);
    assert_eq!(end(&mut pool, lost.run, job.id).run, lost.run);
    assert_eq!((pool.executing(), pool.unacknowledged_count()), (0, 2));
}

#[test]
fn a_pool_that_closes_gives_back_everything_that_waits() {
    let mut pool = pool(1, 100);
    let single = job(1, 5, Some(1));
    let runs: Vec<_> = (1..=4).map(|number| assignment(&single, number)).collect();
    give(&mut pool, 1, runs[..3].to_vec());
    assert_eq!(started(&mut pool), [runs[0].run]);
    let offered = pool.offer(batch(2, vec![runs[3].clone()]));
    let returned: Vec<_> = pool.close().into_iter().map(|(_, report)| report).collect();
    assert_eq!(returned, [&runs[1], &runs[2]].map(|run| run.refused("the node is ending", false)));
    assert!(matches!(pool.accepted(offered.fresh)[..], [Report::Refused { .. }]));
    assert!(matches!(give(&mut pool, 3, vec![assignment(&single, 9)])[..], [Report::Refused { .. }]));
    end(&mut pool, runs[0].run, single.id);
    assert!(started(&mut pool).is_empty() && pool.queued() == 0);
}

#[test]
fn what_waited_too_long_does_not_start() {
    let mut pool = pool(1, 100);
    let late = Assignment { start_by: Some(LIFE), ..assignment(&job(1, 5, None), 1) };
    give(&mut pool, 1, vec![late.clone()]);
    let starts = pool.next(LIFE + std::time::Duration::from_millis(1));
    assert!(starts.start.is_empty() && starts.expired.len() == 1);
    assert!(pool.next(LIFE).start.is_empty());
    assert_eq!(pool.queued(), 0);
}

#[test]
fn timeouts_are_told_once_and_forgotten_with_their_runs() {
    let mut pool = pool(2, 100);
    let job = job(1, 5, None);
    let runs: Vec<_> = (1..=2).map(|number| assignment(&job, number)).collect();
    give(&mut pool, 1, runs.clone());
    for run in started(&mut pool) {
        pool.started(run, LIFE);
    }
    let over = LIFE + std::time::Duration::from_secs(10);
    assert_eq!(pool.next_deadline(), Some(over));
    end(&mut pool, runs[0].run, job.id);
    assert_eq!(pool.timed_out(over), [(runs[1].run, OnTimeout::Kill)]);
    assert!(pool.timed_out(over).is_empty());
    end(&mut pool, runs[1].run, job.id);
    assert_eq!(pool.next_deadline(), None);
}

#[test]
fn what_has_no_effect_ends_at_once() {
    let mut pool = pool(1, 100);
    let name = JobName::new("nothing").unwrap();
    let noop = Arc::new(Job::added(JobId(1), Arc::new(Definition::new(name, Command::Noop)), "ann", LIFE));
    let runs: Vec<_> = (1..=5).map(|number| assignment(&noop, number)).collect();
    assert!(give(&mut pool, 1, runs).is_empty(), "only its end is worth a word");
    let starts = pool.next(LIFE);
    assert_eq!((starts.start.len(), starts.instant.len(), pool.executing()), (0, 5, 0));
}

#[test]
fn what_comes_ahead_of_its_moment_waits_for_it_and_can_be_wanted_back() {
    let mut pool = pool(4, 10);
    let moment = LIFE + std::time::Duration::from_secs(5);
    let ahead = |number| Assignment { not_before: Some(moment), ..assignment(&job(number, 5, None), number) };
    let runs: Vec<_> = (1..=3).map(|number| ahead(number).run).collect();
    give(&mut pool, 1, (1..=3).map(ahead).collect());
    assert_eq!((pool.queued(), pool.next_moment()), (3, Some(moment)));
    assert!(pool.next(LIFE).start.is_empty());
    let revoked = pool.revoked(&runs[..1], Handover(10));
    assert_eq!(revoked.runs, runs[..1]);
    assert!(matches!(&revoked.reports[..], [Report::Refused { run, expired: false, .. }] if *run == runs[0]));
    assert!(matches!(pool.kill(runs[1], "ann", LIFE), Stopped::Waiting(ended) if ended.run == runs[1]));
    assert_eq!(pool.queued(), 1);
    let started: Vec<_> = pool.next(moment).start.iter().map(|assignment| assignment.run).collect();
    assert_eq!((started, pool.next_moment()), (runs[2..].to_vec(), None));
    // What has begun is not given back, and what was given back does not come by the same hand-over again.
    assert!(matches!(&pool.revoked(&runs[2..], Handover(10)).reports[..], [Report::Accepted { .. }]));
    assert!(matches!(&give(&mut pool, 2, vec![ahead(1)])[..], [Report::Refused { .. }]));
}

#[test]
fn what_waits_for_its_moment_is_returned_when_the_node_ends() {
    let mut pool = pool(4, 10);
    let ahead = Assignment { not_before: Some(LIFE), ..assignment(&job(1, 5, None), 1) };
    give(&mut pool, 1, vec![ahead.clone()]);
    let returned = pool.close();
    assert!(matches!(&returned[..], [(_, Report::Refused { run, .. })] if *run == ahead.run));
    assert_eq!(pool.queued(), 0);
}
