//! Changes to jobs in memory: a batch is worked out beside the tables and put in place whole, or dropped.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::tables::Tables;
use crate::id::{JobId, Revision};
use crate::job::Job;
use crate::port::store::{Change, ChangeSequence, Error, Result, Write};
use crate::time::Timestamp;

/// A job as it was, unless it is new, and as it is.
pub(super) type Changed = (Option<Arc<Job>>, Arc<Job>);

/// What a batch of changes makes of the tables, not yet in place.
struct Batch<'t> {
    tables: &'t Tables,
    /// The jobs the batch touched, as they are after it.
    jobs: BTreeMap<JobId, Arc<Job>>,
    /// The names the batch took or freed.
    names: BTreeMap<String, Option<JobId>>,
    /// Every job the batch answers with, in order, behind what it was.
    answers: Vec<Changed>,
    last_job: JobId,
}

impl Batch<'_> {
    fn apply(&mut self, write: &Write, by: &str, at: Timestamp) -> Result<()> {
        let before = write.job().map(|id| self.current(id)).transpose()?;
        if let Some(job) = &before {
            write.check(job)?;
        }
        if let Some(name) = write.name() {
            self.check_name(name.as_str(), write.job())?;
        }
        let after = match (&before, write) {
            (None, Write::Add(definition)) => {
                self.last_job = JobId(self.last_job.0.saturating_add(1));
                Job::added(self.last_job, Arc::clone(definition), by, at)
            }
            (Some(job), _) => job.changed(write, by, at, self.tables.watermark(job.partition())),
            (None, _) => return Ok(()),
        };
        self.put(before, after);
        Ok(())
    }

    fn current(&self, id: JobId) -> Result<Arc<Job>> {
        let job = self.jobs.get(&id).or_else(|| self.tables.job(id));
        job.cloned().ok_or_else(|| Error::NoSuchJob { job: id.to_string() })
    }

    fn check_name(&self, name: &str, wanted_by: Option<JobId>) -> Result<()> {
        let owner = match self.names.get(name) {
            Some(changed) => *changed,
            None => self.tables.names.get(name).copied(),
        };
        match owner {
            Some(taken_by) if Some(taken_by) != wanted_by => Err(Error::NameTaken { name: name.to_owned(), taken_by }),
            _ => Ok(()),
        }
    }

    fn put(&mut self, before: Option<Arc<Job>>, after: Job) {
        if let Some(before) = &before {
            self.names.insert(before.definition.name.as_str().to_owned(), None);
        }
        if !after.deleted {
            self.names.insert(after.definition.name.as_str().to_owned(), Some(after.id));
        }
        let after = Arc::new(after);
        self.jobs.insert(after.id, Arc::clone(&after));
        self.answers.push((before, after));
    }
}

impl Tables {
    pub(super) fn write_jobs(&mut self, writes: &[Write], by: &str, at: Timestamp) -> Result<Vec<Changed>> {
        let (jobs, names) = (BTreeMap::new(), BTreeMap::new());
        let mut batch = Batch { tables: self, jobs, names, answers: Vec::new(), last_job: self.last_job };
        for write in writes {
            batch.apply(write, by, at)?;
        }
        let Batch { names, answers, last_job, .. } = batch;
        self.last_job = last_job;
        for (name, owner) in names {
            match owner {
                Some(job) => self.names.insert(name, job),
                None => self.names.remove(&name),
            };
        }
        for (_, job) in &answers {
            self.publish(job);
        }
        Ok(answers)
    }

    fn publish(&mut self, job: &Arc<Job>) {
        self.last_change = ChangeSequence(self.last_change.0.saturating_add(1));
        if let Some((place, _)) = self.jobs.insert(job.id, (self.last_change, Arc::clone(job))) {
            self.feed.remove(&place);
        }
        self.feed.insert(self.last_change, job.id);
        self.revisions.entry((job.id, job.revision)).or_insert_with(|| Arc::clone(job));
    }

    pub(super) fn job_changes(&self, after: ChangeSequence, limit: usize) -> Vec<Change> {
        self.feed
            .range((Bound::Excluded(after), Bound::Unbounded))
            .filter_map(|(&sequence, id)| Some(Change { sequence, job: Arc::clone(self.job(*id)?) }))
            .take(limit)
            .collect()
    }

    pub(super) fn revisions(&self, job: JobId, limit: usize) -> Vec<Arc<Job>> {
        let all = (job, Revision(i32::MIN))..=(job, Revision(i32::MAX));
        self.revisions.range(all).rev().take(limit).map(|(_, revision)| Arc::clone(revision)).collect()
    }
}
