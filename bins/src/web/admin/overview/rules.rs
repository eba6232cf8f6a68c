//! The rules of all jobs, each kept once however many jobs have it: a hundred thousand jobs rarely have more than a few
//! hundred rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cronbus_core::id::JobId;
use cronbus_core::job::Job;
use cronbus_core::port::store::{Change, ChangeSequence};
use cronbus_core::schedule::{Kind, Schedule};
use cronbus_core::time::Timestamp;

use crate::explain::Question;

/// A rule, and how many jobs have it.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) schedule: Schedule,
    /// No start before this.
    pub(super) from: Option<Timestamp>,
    /// No start from this on.
    pub(super) until: Option<Timestamp>,
    pub(super) jobs: u64,
}

/// The rules of the jobs, as far as the feed of changes was read.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Up to where.
    pub(super) read: ChangeSequence,
    by_key: HashMap<String, usize>,
    rules: Vec<Rule>,
    of_job: HashMap<JobId, usize>,
    channels_of_job: HashMap<JobId, Arc<[String]>>,
    /// Which channels jobs name themselves, and how many do.
    by_channels: BTreeMap<Arc<[String]>, u64>,
}

impl Rules {
    /// Takes changes in.
    pub(super) fn learn(&mut self, changes: &[Change], now: Timestamp) {
        for change in changes {
            self.read = change.sequence;
            self.forget(change.job.id);
            if change.job.is_active(now) {
                self.add(&change.job);
            }
            if !change.job.deleted && !change.job.definition.alerts.is_empty() {
                self.add_channels(&change.job);
            }
        }
    }

    /// Those that some job has.
    pub(super) fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.jobs > 0)
    }

    /// Which channels jobs name themselves, joined by commas, with how many jobs name them; at most `most` of them.
    pub(super) fn channels(&self, most: usize) -> Vec<(String, u64)> {
        self.by_channels.iter().take(most).map(|(channels, jobs)| (channels.join(", "), *jobs)).collect()
    }

    fn add_channels(&mut self, job: &Job) {
        let named: Arc<[String]> = job.definition.alerts.as_slice().into();
        let kept = self.by_channels.get_key_value(&named).map_or(named, |(kept, _)| Arc::clone(kept));
        *self.by_channels.entry(Arc::clone(&kept)).or_default() += 1;
        self.channels_of_job.insert(job.id, kept);
    }

    fn forget_channels(&mut self, job: JobId) {
        let Some(named) = self.channels_of_job.remove(&job) else { return };
        let left = self.by_channels.get_mut(&named).map(|jobs| {
            *jobs = jobs.saturating_sub(1);
            *jobs
        });
        if left == Some(0) {
            self.by_channels.remove(&named);
        }
    }

    fn forget(&mut self, job: JobId) {
        self.forget_channels(job);
        let rule = self.of_job.remove(&job).and_then(|index| self.rules.get_mut(index));
        if let Some(rule) = rule {
            rule.jobs = rule.jobs.saturating_sub(1);
        }
    }

    fn add(&mut self, job: &Job) {
        let Some(schedule) = Question::about(job, Timestamp::EPOCH, 1).and_then(|question| question.schedule().ok())
        else {
            return;
        };
        if schedule.kind() == Kind::Reboot {
            return;
        }
        let (from, until) = (job.definition.valid_from, job.definition.valid_until);
        let key = format!("{} {from:?} {until:?}", schedule.interning_key());
        let next = self.rules.len();
        let index = *self.by_key.entry(key).or_insert(next);
        if index == next {
            self.rules.push(Rule { schedule, from, until, jobs: 0 });
        }
        if let Some(rule) = self.rules.get_mut(index) {
            rule.jobs += 1;
        }
        self.of_job.insert(job.id, index);
    }
}
