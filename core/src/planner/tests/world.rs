//! A store, a catalogue and a clock around planners that come and go; what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;
use crate::job::{Misfire, MisfirePolicy, Pause};
use crate::planner::Batch;
use crate::planner::entry;
use crate::port::store::Write;
use crate::run::{Run, State};

const SCHEDULES: [&str; 6] =
    ["@every 7s", "* * * * *", "*/3 * * * * *", "CRON_TZ=Asia/Tokyo @Every 10s", "30 */2 * * * *", "0 12 * * *"];

#[derive(Clone, Debug)]
enum Step {
    /// Time passes, in milliseconds; the planner plans what it may.
    Pass(u16),
    /// The clock is set ahead.
    Ahead(u8),
    /// The clock is set back, by seconds.
    Back(u8),
    /// The planner hears of all changes.
    Hear,
    /// The oldest batch becomes durable.
    Commit,
    /// The planner dies; so many of its batches had become durable unheard.
    Crash(u8),
    /// Some partitions go away and come back.
    Reclaim(u8),
    Add {
        schedule: usize,
        broadcast: bool,
        delay_s: u8,
        life_s: Option<u8>,
    },
    Edit {
        job: usize,
        schedule: usize,
    },
    Pause {
        job: usize,
        for_s: Option<u8>,
    },
    Resume(usize),
    Delete(usize),
    Members(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let schedule = || 0..SCHEDULES.len();
    prop_oneof![
        8 => (0_u16..9_000).prop_map(Step::Pass),
        1 => (1_u8..20).prop_map(Step::Ahead),
        1 => (1_u8..40).prop_map(Step::Back),
        5 => Just(Step::Hear),
        8 => Just(Step::Commit),
        2 => any::<u8>().prop_map(Step::Crash),
        1 => any::<u8>().prop_map(Step::Reclaim),
        3 => (schedule(), any::<bool>(), any::<u8>(), prop::option::of(any::<u8>()))
            .prop_map(|(schedule, broadcast, delay_s, life_s)| Step::Add { schedule, broadcast, delay_s, life_s }),
        2 => (any::<usize>(), schedule()).prop_map(|(job, schedule)| Step::Edit { job, schedule }),
        2 => (any::<usize>(), prop::option::of(0_u8..60)).prop_map(|(job, for_s)| Step::Pause { job, for_s }),
        1 => any::<usize>().prop_map(Step::Resume),
        1 => any::<usize>().prop_map(Step::Delete),
        1 => (0_u8..4).prop_map(Step::Members),
    ]
}

/// A job as a planner knows it, and how far its partition was planned when it heard of that.
type Heard = (Arc<Job>, Timestamp);

struct World {
    now: Timestamp,
    /// The latest instant the clock has shown: how far back a job may begin is bounded (`entry::UNSEEN`).
    latest: Timestamp,
    planner: Planner,
    /// The store: jobs in all their versions, rows, watermarks.
    jobs: BTreeMap<JobId, Vec<Arc<Job>>>,
    rows: BTreeMap<RunId, Run>,
    watermarks: Vec<Timestamp>,
    members: Vec<Member>,
    /// Batches with what their planner knew.
    out: VecDeque<(Batch, Vec<Heard>)>,
    unheard: Vec<Arc<Job>>,
    heard: BTreeMap<JobId, Heard>,
    /// What this planner has made, except of jobs that were changed or claimed again meanwhile.
    made: BTreeSet<RunId>,
    touched: BTreeSet<JobId>,
}

const SETTINGS: fn() -> Settings = || Settings { batch: 5, ..Settings::default() };

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: NOON,
            latest: NOON,
            planner: Planner::new(SETTINGS()),
            jobs: BTreeMap::new(),
            rows: BTreeMap::new(),
            watermarks: vec![NOON; Partition::COUNT],
            members: vec![member("a", NOON)],
            out: VecDeque::new(),
            unheard: Vec::new(),
            heard: BTreeMap::new(),
            made: BTreeSet::new(),
            touched: BTreeSet::new(),
        };
        world.start_anew();
        world
    }

    fn start_anew(&mut self) {
        self.planner = Planner::new(SETTINGS());
        self.planner.members_changed(&self.members);
        self.made.clear();
        self.touched.clear();
        self.unheard.clear();
        for versions in self.jobs.values() {
            let newest = versions.last().unwrap();
            self.heard.insert(newest.id, (Arc::clone(newest), self.watermarks[newest.partition().index()]));
            self.planner.job_changed(Arc::clone(newest));
        }
        self.planner.catalog_seen(self.now);
        let claim = |(partition, watermark): (Partition, &Timestamp)| Claim {
            partition,
            epoch: Epoch(1),
            watermark: *watermark,
        };
        let claims: Vec<_> = Partition::all().zip(&self.watermarks).map(claim).collect();
        self.planner.own(&claims);
    }

    fn act(&mut self, step: Step) {
        match step {
            Step::Pass(millis) => self.now = self.now + Duration::from_millis(millis.into()),
            Step::Ahead(minutes) => self.now = self.now + seconds(60 * u64::from(minutes)),
            Step::Back(by) => self.now = (self.now - seconds(by.into())).max(self.latest - seconds(50)),
            Step::Hear => self.hear(),
            Step::Commit => self.commit(),
            Step::Crash(durable) => {
                (0..usize::from(durable) % (self.out.len() + 1)).for_each(|_| self.commit());
                self.out.clear();
                self.start_anew();
            }
            Step::Reclaim(from) => self.reclaim(from),
            Step::Add { schedule, broadcast, delay_s, life_s } => self.add(schedule, broadcast, delay_s, life_s),
            Step::Edit { job, schedule } => self.change(job, |job| {
                let mut definition = Definition::clone(&job.definition);
                definition.schedule = Some(SCHEDULES[schedule].to_owned());
                Write::Replace { job: job.id, expected: None, definition: Arc::new(definition) }
            }),
            Step::Pause { job, for_s } => {
                let now = self.now;
                let until = for_s.map(|for_s| now + seconds(for_s.into()));
                let pause = Pause { since: now, until, note: String::new(), by: "ann".to_owned() };
                self.change(job, |job| Write::Pause { job: job.id, pause: pause.clone() });
            }
            Step::Resume(job) => self.change(job, |job| Write::Resume { job: job.id }),
            Step::Delete(job) => self.change(job, |job| Write::Delete { job: job.id }),
            Step::Members(count) => {
                self.members = ["a", "b", "c"].iter().take(count.into()).map(|name| member(name, NOON)).collect();
                self.planner.members_changed(&self.members);
            }
        }
        self.latest = self.latest.max(self.now);
        self.plan();
    }

    fn add(&mut self, schedule: usize, broadcast: bool, delay_s: u8, life_s: Option<u8>) {
        let id = JobId(self.jobs.len() as i64 + 1);
        let mut definition = definition(&format!("job-{id}"), SCHEDULES[schedule]);
        definition.target.broadcast = broadcast;
        if delay_s.is_multiple_of(4) {
            definition.valid_from = Some(self.now + seconds(delay_s.into()));
        }
        definition.valid_until = life_s.map(|life_s| self.now + seconds(life_s.into()));
        definition.misfire = Misfire { policy: MisfirePolicy::All, ..Misfire::default() };
        let job = Arc::new(Job::added(id, Arc::new(definition), "ann", self.now));
        self.jobs.insert(id, vec![Arc::clone(&job)]);
        self.unheard.push(job);
    }

    fn change(&mut self, which: usize, write: impl FnOnce(&Job) -> Write) {
        let Some(place) = which.checked_rem(self.jobs.len()) else { return };
        let versions = self.jobs.values_mut().nth(place).unwrap();
        let newest = versions.last().unwrap();
        if newest.deleted {
            return;
        }
        let watermark = self.watermarks[newest.partition().index()];
        let changed = Arc::new(newest.changed(&write(newest), "ben", self.now, watermark));
        versions.push(Arc::clone(&changed));
        self.unheard.push(changed);
    }

    fn hear(&mut self) {
        for job in std::mem::take(&mut self.unheard) {
            self.touched.insert(job.id);
            let advances = self.out.iter().flat_map(|(batch, _)| &batch.creation.advances);
            let planned =
                advances.filter(|advance| advance.partition == job.partition()).map(|advance| advance.watermark);
            let planned = planned.chain([self.watermarks[job.partition().index()]]).max().unwrap();
            self.heard.insert(job.id, (Arc::clone(&job), planned));
            self.planner.job_changed(job);
        }
        self.planner.catalog_seen(self.now);
    }

    /// Everything that is not durable yet is fenced off; the partitions are claimed once more.
    fn reclaim(&mut self, from: u8) {
        self.out.iter().for_each(|(batch, _)| self.planner.durable(batch.id));
        self.out.clear();
        self.made.clear();
        let all: Vec<_> = Partition::all().collect();
        if from.is_multiple_of(2) {
            self.planner.disown(&all);
            assert!(self.planner.is_empty() && self.planner.plan(self.now).is_none());
        }
        let claim =
            |partition: Partition| Claim { partition, epoch: Epoch(2), watermark: self.watermarks[partition.index()] };
        self.planner.own(&all.into_iter().map(claim).collect::<Vec<_>>());
    }

    fn plan(&mut self) {
        let room = 3 - self.out.len();
        for made in 0.. {
            let Some(batch) = self.planner.plan(self.now) else { break };
            assert!(made < room, "too many batches are out");
            assert!(batch.creation.runs.len() <= SETTINGS().batch, "a batch is too large");
            for run in &batch.creation.runs {
                let first = self.made.insert(run.id);
                assert!(first || self.touched.contains(&run.job), "made twice: {run:?}");
                self.is_a_slot(run);
            }
            self.out.push_back((batch, self.heard.values().cloned().collect()));
        }
    }

    /// Whether some version of the job asks for the row.
    fn is_a_slot(&self, run: &Run) {
        let asks = |job: &&Arc<Job>| job.effective_from < run.due_at && entry::fires_at(job, run.due_at);
        assert!(self.jobs[&run.job].iter().find(asks).is_some(), "nobody asked for {run:?}");
        let ahead = run.due_at > run.created_at + SETTINGS().lookahead;
        assert!(!ahead && (run.state == State::Created) != (run.state == State::Missed), "{run:?} at {}", self.now);
    }

    fn commit(&mut self) {
        let Some((batch, known)) = self.out.pop_front() else { return };
        self.planner.durable(batch.id);
        for run in batch.creation.runs {
            self.rows.entry(run.id).or_insert(run);
        }
        for advance in batch.creation.advances {
            let watermark = &mut self.watermarks[advance.partition.index()];
            *watermark = advance.watermark.max(*watermark);
        }
        for (job, planned) in known {
            self.is_complete(&job, planned);
        }
    }

    /// Whether every slot of this version after `planned` and up to its watermark has a row.
    fn is_complete(&self, job: &Job, planned: Timestamp) {
        let definition = &job.definition;
        let watermark = self.watermarks[job.partition().index()];
        if job.deleted || job.pause.as_ref().is_some_and(|pause| pause.until.is_none()) {
            return;
        }
        let resumed = job.pause.as_ref().and_then(|pause| pause.until);
        let bounds = [definition.valid_from, resumed].into_iter().flatten().map(|at| at - Duration::from_millis(1));
        let from = bounds.chain([job.effective_from, planned]).max().unwrap();
        let schedule = entry::compile(job).unwrap().unwrap();
        let is_over = |at| definition.valid_until.is_some_and(|until| at >= until);
        let mut slots = schedule.fires(from).map(|fire| fire.at).take_while(|at| *at <= watermark && !is_over(*at));
        let of_slot = |at: Timestamp| self.rows.range(RunId::floor(at)..RunId::floor(at + Duration::from_millis(1)));
        let missing = slots.find(|at| !of_slot(*at).any(|(_, run)| run.job == job.id));
        assert!(missing.is_none(), "no row for {missing:?} of {job:?}, watermark {watermark}");
    }

    /// Whether every slot of this version has a row that was due before it was changed `until`.
    fn was_complete(&self, job: &Job, until: Timestamp) {
        let Some(after) = entry::start_after(job, Timestamp::EPOCH) else { return };
        let schedule = entry::compile(job).unwrap().unwrap();
        let mut slots = schedule.fires(after).map(|fire| fire.at).take_while(|at| *at <= until);
        let of_slot = |at: Timestamp| self.rows.range(RunId::floor(at)..RunId::floor(at + Duration::from_millis(1)));
        let missing = slots.find(|at| !entry::is_over(job, *at) && !of_slot(*at).any(|(_, run)| run.job == job.id));
        assert!(missing.is_none(), "no row for {missing:?}, which was due before {until}, of {job:?}");
    }

    /// The world calms down: everything is answered up to the horizon.
    fn settle(&mut self) {
        self.now = self.now.max(self.watermarks.iter().max().copied().unwrap()) + seconds(60);
        self.hear();
        self.plan();
        while !self.out.is_empty() {
            self.commit();
            self.plan();
        }
        assert!(self.watermarks.iter().all(|watermark| *watermark + seconds(5) > self.now), "watermarks lag behind");
        for versions in self.jobs.values() {
            self.is_complete(versions.last().unwrap(), NOON - seconds(3600));
            for (place, version) in versions.iter().enumerate() {
                let later = versions.iter().skip(place + 1).map(|later| later.updated_at);
                later.min().into_iter().for_each(|until| self.was_complete(version, until));
            }
        }
        let wake = self.planner.next_wake(self.now);
        assert!(wake.is_some_and(|wake| wake > self.now), "nothing is left to do, but it wakes at {wake:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_slot_is_answered_once_whatever_happens(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.act(step);
        }
        world.settle();
    }
}
