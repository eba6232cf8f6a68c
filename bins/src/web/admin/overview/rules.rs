//! The rules of all jobs, each kept once however many jobs have it: a hundred thousand jobs rarely have more than a few
//! hundred rules.

use std::collections::HashMap;

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
        }
    }

    /// Those that some job has.
    pub(super) fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.jobs > 0)
    }

    fn forget(&mut self, job: JobId) {
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
