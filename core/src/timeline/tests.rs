//! The timeline against a naive model, its bounds and its memory.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proptest::prelude::*;

use super::*;

/// Every `period_ms` from `phase_ms` on, not after `end_ms`.
#[derive(Clone, Copy, Debug)]
struct Every {
    phase_ms: i64,
    period_ms: i64,
    end_ms: i64,
}

impl Every {
    fn key(&self) -> String {
        format!("{self:?}")
    }

    fn endless(phase_ms: i64, period_ms: i64) -> Self {
        Self { phase_ms, period_ms, end_ms: i64::MAX }
    }
}

impl Rule for Every {
    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let steps = (after.millis() - self.phase_ms).div_euclid(self.period_ms) + 1;
        let next = self.phase_ms + steps * self.period_ms;
        (next <= self.end_ms).then(|| Timestamp::from_millis(next))
    }
}

fn insert(timeline: &mut Timeline<Every>, job: i64, rule: Every, after_ms: i64) -> Option<Timestamp> {
    let index = timeline.intern(&rule.key(), || rule);
    timeline.insert(JobId(job), index, Timestamp::from_millis(after_ms))
}

/// What a timeline should do, at the price of doing it slowly.
#[derive(Default)]
struct Model {
    jobs: BTreeMap<JobId, (Timestamp, Every)>,
    order: BTreeSet<(Timestamp, JobId)>,
}

impl Model {
    fn put(&mut self, job: JobId, rule: Every, after: Timestamp) -> Option<Timestamp> {
        self.remove(job);
        let due_at = rule.next_after(after)?;
        self.jobs.insert(job, (due_at, rule));
        self.order.insert((due_at, job));
        Some(due_at)
    }

    fn remove(&mut self, job: JobId) -> bool {
        let removed = self.jobs.remove(&job);
        removed.is_some_and(|(due_at, _)| self.order.remove(&(due_at, job)))
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.order.first().map(|(due_at, _)| *due_at)
    }

    /// Takes one moment out as a drain must: it has to be one of the earliest.
    fn follow(&mut self, due: Due) {
        assert_eq!(self.next_due(), Some(due.due_at));
        let (due_at, rule) = self.jobs[&due.job];
        assert_eq!(due_at, due.due_at);
        self.put(due.job, rule, due_at);
    }

    fn rules(&self) -> usize {
        self.jobs.values().map(|(_, rule)| rule.key()).collect::<BTreeSet<_>>().len()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert { job: i64, rule: Every, back_ms: i64 },
    Remove { job: i64 },
    Drain { forward_ms: i64, limit: usize },
}

fn rules() -> impl Strategy<Value = Every> {
    let period = prop_oneof![Just(1), Just(250), Just(1_000), Just(60_000), Just(86_400_000), 1_i64..100_000];
    let end = prop_oneof![3 => Just(i64::MAX), 1 => 0_i64..10_000_000];
    (period, 0_i64..4, end).prop_map(|(period_ms, phase, end_ms)| {
        // Few different rules, so that they are shared; phases within the second.
        Every { phase_ms: phase * 251 % period_ms, period_ms, end_ms }
    })
}

fn steps() -> impl Strategy<Value = Step> {
    let forward = prop_oneof![Just(0), Just(-70_000), 1_i64..2_000, 1_i64..200_000, Just(90_000_000)];
    prop_oneof![
        4 => (0_i64..40, rules(), prop_oneof![Just(0), 0_i64..100_000])
            .prop_map(|(job, rule, back_ms)| Step::Insert { job, rule, back_ms }),
        1 => (0_i64..40).prop_map(|job| Step::Remove { job }),
        4 => (forward, prop_oneof![0_usize..4, Just(50), Just(200)])
            .prop_map(|(forward_ms, limit)| Step::Drain { forward_ms, limit }),
    ]
}

fn drain_both(timeline: &mut Timeline<Every>, model: &mut Model, upto: Timestamp, limit: usize) {
    let mut out = Vec::new();
    let drained = timeline.drain(upto, limit, &mut out);
    out.iter().for_each(|due| model.follow(*due));
    let waiting = model.next_due().is_some_and(|due_at| due_at <= upto);
    assert_eq!(drained == Drained::More, waiting);
    assert!(out.len() == limit || !waiting && out.len() < limit);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn agrees_with_the_naive_model(start_ms in -100_000_i64..100_000, steps in proptest::collection::vec(steps(), 1..80)) {
        let (mut timeline, mut model) = (Timeline::new(), Model::default());
        let mut now_ms = start_ms;
        for step in steps {
            match step {
                Step::Insert { job, rule, back_ms } => {
                    let after_ms = now_ms - back_ms;
                    let due_at = model.put(JobId(job), rule, Timestamp::from_millis(after_ms));
                    prop_assert_eq!(insert(&mut timeline, job, rule, after_ms), due_at);
                }
                Step::Remove { job } => prop_assert_eq!(timeline.remove(JobId(job)), model.remove(JobId(job))),
                Step::Drain { forward_ms, limit } => {
                    now_ms += forward_ms;
                    drain_both(&mut timeline, &mut model, Timestamp::from_millis(now_ms), limit);
                }
            }
            prop_assert_eq!(timeline.next_due(), model.next_due());
            prop_assert_eq!(timeline.len(), model.jobs.len());
        }
        prop_assert_eq!(timeline.rules(), model.rules());
        for job in 0..40 {
            prop_assert_eq!(timeline.due_of(JobId(job)), model.jobs.get(&JobId(job)).map(|(due_at, _)| *due_at));
            prop_assert_eq!(timeline.remove(JobId(job)), model.remove(JobId(job)));
        }
        prop_assert!(timeline.is_empty() && timeline.rules() == 0 && timeline.next_due().is_none());
    }
}

#[test]
fn a_herd_comes_out_in_batches_each_job_once_and_asks_its_rule_once() {
    #[derive(Clone)]
    struct Counted(Rc<Cell<usize>>);
    impl Rule for Counted {
        fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
            self.0.set(self.0.get() + 1);
            Every::endless(0, 1_000).next_after(after)
        }
    }
    let asked = Rc::new(Cell::new(0));
    let mut timeline = Timeline::new();
    for job in 0..100_000 {
        let rule = timeline.intern("every second", || Counted(Rc::clone(&asked)));
        timeline.insert(JobId(job), rule, Timestamp::EPOCH);
    }
    let mut out = Vec::new();
    while timeline.drain(Timestamp::from_seconds(1), 7_001, &mut out) == Drained::More {}
    assert_eq!(out.len(), 100_000);
    assert!(out.iter().zip(0..).all(|(due, job)| due.job == JobId(job) && due.due_at == Timestamp::from_seconds(1)));
    assert_eq!(timeline.next_due(), Some(Timestamp::from_seconds(2)));
    assert_eq!(asked.get(), 2);
}

#[test]
fn a_job_that_was_away_comes_out_once_for_every_fire_in_order() {
    let mut timeline = Timeline::new();
    insert(&mut timeline, 1, Every::endless(0, 3_000), 0);
    insert(&mut timeline, 2, Every::endless(500, 2_000), 0);
    let mut out = Vec::new();
    assert_eq!(timeline.drain(Timestamp::from_seconds(6), 100, &mut out), Drained::All);
    let moments: Vec<_> = out.iter().map(|due| (due.due_at.millis(), due.job.0)).collect();
    assert_eq!(moments, [(500, 2), (2_500, 2), (3_000, 1), (4_500, 2), (6_000, 1)]);
}

#[test]
fn a_rule_that_stands_still_is_not_followed_for_ever() {
    struct Still;
    impl Rule for Still {
        fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
            Some(after)
        }
    }
    let mut timeline = Timeline::new();
    let rule = timeline.intern("still", || Still);
    assert_eq!(timeline.insert(JobId(1), rule, Timestamp::EPOCH), None);
    assert!(timeline.is_empty() && timeline.rules() == 0);
}

#[test]
fn an_index_that_outlived_its_rule_stands_for_no_other() {
    let mut timeline = Timeline::new();
    let old = timeline.intern("old", || Every::endless(0, 1_000));
    timeline.insert(JobId(1), old, Timestamp::EPOCH);
    timeline.remove(JobId(1));
    let new = timeline.intern("new", || Every::endless(0, 5_000));
    assert_eq!(timeline.insert(JobId(1), old, Timestamp::EPOCH), None);
    assert_eq!(timeline.insert(JobId(1), new, Timestamp::EPOCH), Some(Timestamp::from_seconds(5)));
}

#[test]
fn the_ends_of_the_calendar_are_held_like_any_instant() {
    struct At(i64);
    impl Rule for At {
        fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
            Some(Timestamp::from_millis(self.0)).filter(|at| *at > after)
        }
    }
    let mut timeline = Timeline::new();
    for (job, at) in [(1, i64::MAX), (2, i64::MIN + 1), (3, 0)] {
        let rule = timeline.intern(&at.to_string(), || At(at));
        timeline.insert(JobId(job), rule, Timestamp::from_millis(i64::MIN));
    }
    let mut out = Vec::new();
    assert_eq!(timeline.drain(Timestamp::MAX, 10, &mut out), Drained::All);
    assert_eq!(out.iter().map(|due| due.job.0).collect::<Vec<_>>(), [2, 3, 1]);
    assert!(timeline.is_empty());
}

#[test]
fn a_job_takes_at_most_64_bytes() {
    const JOBS: i64 = 200_000;
    let mut spread = Timeline::new();
    let mut shared = Timeline::new();
    for job in 1..=JOBS {
        // Each job far away and at an instant of its own: the most that the calendar can be asked to hold.
        insert(&mut spread, job, Every::endless(0, 1), 100_000_000 + job * 7_919 % 86_400_000);
        insert(&mut shared, job, Every::endless(job % 60 * 1_000, 60_000), 0);
    }
    for timeline in [&spread, &shared] {
        let bytes = timeline.memory_bytes() / timeline.len();
        assert!(bytes <= 64, "{bytes} bytes a job");
    }
}
