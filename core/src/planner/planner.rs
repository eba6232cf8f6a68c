//! The planner: jobs in, batches out.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::id::{JobId, Partition};
use crate::job::Job;
use crate::port::membership::Member;
use crate::port::store::{Claim, Creation};
use crate::run::Run;
use crate::time::Timestamp;
use crate::timeline::{Drained, Due, Timeline};

use super::catch_up::{self, Missed};
use super::entry;
use super::leftovers::{Known, Leftovers};
use super::partitions::Partitions;
use super::reboot::Reboots;

/// How many batches may be out: enough to keep the store busy while the next one is made.
const BATCHES_OUT: usize = 3;

/// How the planner does its work.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long before they are due slots are planned.
    pub lookahead: Duration,
    /// A slot later than this is not just late: nobody was there, and the misfire policy answers.
    pub misfire_after: Duration,
    /// How many rows a batch has at the most.
    pub batch: usize,
    /// How many of the first slots that one job missed in an absence get rows, and how many of the last.
    pub missed_rows_per_job: usize,
    /// How far the plan may run ahead of the last look at the catalogue of jobs.
    pub catalog_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lookahead: Duration::from_secs(2),
            misfire_after: Duration::from_secs(5),
            batch: 10_000,
            missed_rows_per_job: 10_000,
            catalog_patience: Duration::from_secs(10),
        }
    }
}

/// The number of a batch, by which its durability is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// Rows to create, and how far that brings the watermarks.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// What to make durable.
    pub creation: Creation,
}

/// Knows what is due.
pub struct Planner {
    pub(super) settings: Settings,
    timeline: Timeline<entry::Compiled>,
    pub(super) jobs: HashMap<JobId, Arc<Job>>,
    partitions: Partitions,
    pub(super) members: Vec<Member>,
    reboots: Reboots,
    leftovers: Leftovers,
    pending: VecDeque<Run>,
    out: Vec<BatchId>,
    last_batch: u64,
    catalog_seen: Option<Timestamp>,
    missed: u64,
}

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner").field("jobs", &self.timeline.len()).field("out", &self.out).finish_non_exhaustive()
    }
}

impl Planner {
    /// Owns nothing and knows no job.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            timeline: Timeline::new(),
            jobs: HashMap::new(),
            partitions: Partitions::none(),
            members: Vec::new(),
            reboots: Reboots::default(),
            leftovers: Leftovers::default(),
            pending: VecDeque::new(),
            out: Vec::new(),
            last_batch: 0,
            catalog_seen: None,
            missed: 0,
        }
    }

    /// Takes partitions over: the slots of their jobs count from each watermark on, also of partitions owned before.
    pub fn own(&mut self, claims: &[Claim]) {
        let claimed: Vec<_> = claims.iter().map(|claim| claim.partition).collect();
        self.drop_planned(&claimed);
        for claim in claims {
            self.partitions.own(claim);
        }
        for job in self.jobs_of(&claimed) {
            self.leave_over(&job, None);
            self.place(&job);
        }
    }

    /// Gives partitions up: nothing more is planned for them.
    pub fn disown(&mut self, partitions: &[Partition]) {
        for partition in partitions {
            self.partitions.disown(*partition);
        }
        self.drop_planned(partitions);
        for job in self.jobs_of(partitions) {
            self.timeline.remove(job.id);
        }
    }

    fn drop_planned(&mut self, partitions: &[Partition]) {
        self.pending.retain(|run| !partitions.contains(&run.job.partition()));
        self.reboots.forget(partitions);
        self.leftovers.forget(partitions);
    }

    /// The jobs of these partitions, in order of their ids.
    fn jobs_of(&self, partitions: &[Partition]) -> Vec<Arc<Job>> {
        let mut wanted = [false; Partition::COUNT];
        for partition in partitions {
            if let Some(place) = wanted.get_mut(partition.index()) {
                *place = true;
            }
        }
        let is_wanted = |job: &&Arc<Job>| wanted.get(job.partition().index()) == Some(&true);
        let mut jobs: Vec<_> = self.jobs.values().filter(is_wanted).cloned().collect();
        jobs.sort_unstable_by_key(|job| job.id);
        jobs
    }

    /// A job is new or was changed; an older revision than the one known is ignored.
    pub fn job_changed(&mut self, job: Arc<Job>) {
        if self.jobs.get(&job.id).is_some_and(|known| known.revision > job.revision) {
            return;
        }
        self.reboots.job_changed(&job);
        let next = self.timeline.due_of(job.id);
        let known = self.jobs.insert(job.id, Arc::clone(&job)).map(|job| Known { job, next });
        self.leave_over(&job, known.as_ref());
        // Two edits within a millisecond begin at the same instant: the rule itself has to be compared too.
        let due_alike = known.is_some_and(|Known { job: known, .. }| {
            known.effective_from == job.effective_from
                && known.pause == job.pause
                && known.deleted == job.deleted
                && !known.is_due_differently(&job.definition)
        });
        if !due_alike {
            self.place(&job);
        }
        if job.deleted && job.former.is_none() {
            self.jobs.remove(&job.id);
        }
    }

    fn leave_over(&mut self, job: &Job, known: Option<&Known>) {
        if let Some(owned) = self.partitions.get(job.partition()) {
            self.leftovers.add(job, owned.claimed, known);
        }
    }

    /// Which nodes live: for broadcasts and `@reboot`.
    pub fn members_changed(&mut self, members: &[Member]) {
        self.members = members.to_vec();
        self.reboots.members_changed(members);
    }

    /// Every change of a job made before `at` has been given to [`Self::job_changed`].
    pub fn catalog_seen(&mut self, at: Timestamp) {
        self.catalog_seen = Some(at);
    }

    /// When the job is due next.
    #[must_use]
    pub fn due_of(&self, job: JobId) -> Option<Timestamp> {
        self.timeline.due_of(job)
    }

    /// How many jobs are in the timeline.
    #[must_use]
    pub fn len(&self) -> usize {
        self.timeline.len()
    }

    /// Whether no job is in the timeline.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.timeline.is_empty()
    }

    /// How many slots were answered by the misfire policy so far.
    #[must_use]
    pub const fn caught_up(&self) -> u64 {
        self.missed
    }

    /// How many batches are not durable yet.
    #[must_use]
    pub fn batches_out(&self) -> usize {
        self.out.len()
    }

    /// The batch is durable, or will never be (its owner was fenced).
    pub fn durable(&mut self, batch: BatchId) {
        self.out.retain(|out| *out != batch);
    }

    /// The next batch, if there is one to make and not too many are out. Batches have to become durable in their order:
    /// a later one's watermark counts on the rows of the earlier ones.
    pub fn plan(&mut self, now: Timestamp) -> Option<Batch> {
        let horizon = self.horizon(now)?;
        self.pending.extend(self.reboots.rows(&self.partitions, now));
        let mut rows = Vec::new();
        let watermark = self.fill(&mut rows, horizon, now);
        let touched = touched(&rows);
        let advances = self.partitions.advances(&touched, watermark);
        if rows.is_empty() && advances.is_empty() {
            return None;
        }
        self.last_batch += 1;
        let id = BatchId(self.last_batch);
        self.out.push(id);
        Some(Batch { id, creation: Creation { runs: rows, advances, ..Creation::default() } })
    }

    /// Up to when slots may be planned; `None` while none may be.
    fn horizon(&self, now: Timestamp) -> Option<Timestamp> {
        if self.out.len() >= BATCHES_OUT || self.partitions.is_empty() {
            return None;
        }
        let horizon = now.min(self.catalog_seen? + self.settings.catalog_patience) + self.settings.lookahead;
        // What is overdue beyond the horizon may belong to jobs that were changed meanwhile: the catalogue comes first.
        (horizon >= now - self.settings.misfire_after).then_some(horizon)
    }

    /// When to plan again, if nothing happens before.
    #[must_use]
    pub fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let seen = self.catalog_seen?;
        self.horizon(now)?;
        if !self.pending.is_empty() {
            return Some(now);
        }
        let due = self.timeline.next_due().map(|due| due - self.settings.lookahead);
        let idle = self.partitions.next_idle_advance().map(|at| at - self.settings.lookahead);
        let left = self.leftovers.after().map(|after| after + entry::TICK - self.settings.lookahead);
        // Beyond that the catalogue has to be looked at first, which wakes this planner by itself.
        let wake = due.into_iter().chain(idle).chain(left).min()?;
        (wake <= seen + self.settings.catalog_patience).then_some(wake)
    }

    /// Puts a job where it belongs in the timeline, or takes it out.
    fn place(&mut self, job: &Arc<Job>) {
        let owned = self.partitions.get(job.partition());
        let start = owned.and_then(|owned| entry::start_after(job, owned.claimed));
        match start {
            Some(after) if !entry::is_reboot(job) => {
                let rule = self.timeline.intern(&entry::interning_key(job), || entry::Compiled::of(job));
                self.timeline.insert(job.id, rule, after);
            }
            _ => {
                self.timeline.remove(job.id);
            }
        }
    }

    /// Fills a batch; returns the instant up to which nothing is left, if there is one.
    fn fill(&mut self, rows: &mut Vec<Run>, horizon: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let cutoff = now - self.settings.misfire_after;
        let mut drained = Vec::new();
        loop {
            let room = self.settings.batch.saturating_sub(rows.len());
            let take = room.min(self.pending.len());
            rows.extend(self.pending.drain(..take));
            if room == take {
                return None;
            }
            if let Some(left) = self.leftovers.take(horizon) {
                let rows = self.settle(&left, now);
                self.missed += rows.len() as u64;
                self.pending.extend(rows);
                continue;
            }
            let next = self.timeline.next_due();
            if next.is_some_and(|due| due < cutoff) {
                self.catch_up_next(cutoff, now);
                continue;
            }
            drained.clear();
            let left = self.timeline.drain(horizon, room - take, &mut drained);
            for due in &drained {
                self.slot(*due, rows, now);
            }
            let reached = match left {
                Drained::All => Some(horizon),
                Drained::More => drained.last().map(|due| due.due_at - entry::TICK),
            };
            return self.postpone_overflow(rows).or(reached);
        }
    }

    /// Broadcasts have more rows than slots. Those a batch has no room for wait for the next one; returns the instant up
    /// to which nothing is left then.
    fn postpone_overflow(&mut self, rows: &mut Vec<Run>) -> Option<Timestamp> {
        let first = rows.get(self.settings.batch)?.due_at;
        self.pending.extend(rows.drain(self.settings.batch..));
        Some(first - entry::TICK)
    }

    /// Answers all overdue slots of the job that is the most overdue.
    fn catch_up_next(&mut self, cutoff: Timestamp, now: Timestamp) {
        let mut first = Vec::with_capacity(1);
        let _more = self.timeline.drain(cutoff, 1, &mut first);
        let Some(Due { job, due_at }) = first.first().copied() else { return };
        let Some(job) = self.jobs.get(&job).map(Arc::clone) else {
            self.timeline.remove(job);
            return;
        };
        let missed = Missed {
            job: &job,
            after: due_at - entry::TICK,
            until: cutoff,
            now,
            rows_limit: self.settings.missed_rows_per_job,
            newer: 0,
            barred: None,
        };
        let rows = missed.rows();
        self.missed += rows.len() as u64;
        let rows: Vec<Run> = rows.into_iter().flat_map(|row| self.broadcast(&job, row)).collect();
        self.pending.extend(rows);
        let rule = self.timeline.intern(&entry::interning_key(&job), || entry::Compiled::of(&job));
        self.timeline.insert(job.id, rule, cutoff);
    }

    /// The rows of one slot that is due now or soon.
    fn slot(&mut self, due: Due, rows: &mut Vec<Run>, now: Timestamp) {
        let Some(job) = self.jobs.get(&due.job) else {
            self.timeline.remove(due.job);
            return;
        };
        if entry::is_over(job, due.due_at) {
            self.timeline.remove(due.job);
            return;
        }
        let row = catch_up::waiting(job, due.due_at, now);
        if job.definition.target.broadcast {
            rows.extend(self.broadcast(job, row));
        } else {
            rows.push(row);
        }
    }
}

/// Which partitions the rows belong to.
fn touched(rows: &[Run]) -> Vec<bool> {
    let mut touched = vec![false; Partition::COUNT];
    for run in rows {
        if let Some(place) = touched.get_mut(run.job.partition().index()) {
            *place = true;
        }
    }
    touched
}
