//! What a batch of changes does to jobs, worked out in memory while the batch holds the lock on all changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cronbus_core::id::{JobId, Partition};
use cronbus_core::job::Job;
use cronbus_core::port::store::{ChangeSequence, Error, Write};
use cronbus_core::time::Timestamp;

use crate::store::rows::JobMarks;

/// Who changes jobs, and when.
#[derive(Clone, Debug)]
pub(in crate::store) struct Author {
    pub(in crate::store) name: String,
    pub(in crate::store) at: Timestamp,
}

/// A job as it was, unless it is new, and as it is.
pub(in crate::store) type Changed = (Option<Arc<Job>>, Arc<Job>);

/// The numbers given last.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Numbers {
    pub(in crate::store) job: i64,
    pub(in crate::store) change: i64,
}

/// The jobs a batch is about, as they are, and what it makes of them.
#[derive(Debug)]
pub(in crate::store) struct Batch {
    jobs: BTreeMap<JobId, Arc<Job>>,
    owners: BTreeMap<String, JobId>,
    numbers: Numbers,
    known: BTreeSet<JobId>,
    renamed: BTreeSet<JobId>,
    places: BTreeMap<JobId, ChangeSequence>,
    revisions: Vec<Arc<Job>>,
    answers: Vec<Changed>,
}

impl Batch {
    /// `jobs` are all that the batch names, and all that have a name it wants.
    pub(in crate::store) fn new(jobs: Vec<Arc<Job>>, numbers: Numbers) -> Self {
        let living = jobs.iter().filter(|job| !job.deleted);
        let owners = living.map(|job| (job.definition.name.as_str().to_owned(), job.id)).collect();
        let jobs: BTreeMap<JobId, Arc<Job>> = jobs.into_iter().map(|job| (job.id, job)).collect();
        let known = jobs.keys().copied().collect();
        let (renamed, places) = (BTreeSet::new(), BTreeMap::new());
        Self { jobs, owners, numbers, known, renamed, places, revisions: Vec::new(), answers: Vec::new() }
    }

    /// Makes the changes, in order; `reached` are the watermarks of the partitions of the jobs they name, of those that
    /// were ever owned.
    ///
    /// # Errors
    /// `NameTaken`, `NoSuchJob`, `RevisionConflict`.
    pub(in crate::store) fn apply(
        &mut self,
        writes: &[Write],
        author: &Author,
        reached: &BTreeMap<Partition, Timestamp>,
    ) -> Result<(), Error> {
        writes.iter().try_for_each(|write| self.apply_one(write, author, reached))
    }

    fn apply_one(
        &mut self,
        write: &Write,
        Author { name: by, at }: &Author,
        reached: &BTreeMap<Partition, Timestamp>,
    ) -> Result<(), Error> {
        let before = write.job().map(|id| self.current(id)).transpose()?;
        if let Some(job) = &before {
            write.check(job)?;
        }
        if let Some(name) = write.name() {
            self.check_name(name.as_str(), write.job())?;
        }
        let after = match (&before, write) {
            (None, Write::Add(definition)) => {
                self.numbers.job = self.numbers.job.saturating_add(1);
                Job::added(JobId(self.numbers.job), Arc::clone(definition), by, *at)
            }
            (Some(job), _) => {
                let watermark = reached.get(&job.partition()).copied().unwrap_or(Timestamp::EPOCH);
                job.changed(write, by, *at, watermark)
            }
            (None, _) => return Ok(()),
        };
        self.put(before, Arc::new(after));
        Ok(())
    }

    fn current(&self, id: JobId) -> Result<Arc<Job>, Error> {
        self.jobs.get(&id).cloned().ok_or_else(|| Error::NoSuchJob { job: id.to_string() })
    }

    fn check_name(&self, name: &str, wanted_by: Option<JobId>) -> Result<(), Error> {
        match self.owners.get(name) {
            Some(owner) if Some(*owner) != wanted_by => {
                Err(Error::NameTaken { name: name.to_owned(), taken_by: *owner })
            }
            _ => Ok(()),
        }
    }

    fn put(&mut self, before: Option<Arc<Job>>, after: Arc<Job>) {
        if let Some(before) = &before {
            self.owners.remove(before.definition.name.as_str());
            if after.deleted || before.definition.name != after.definition.name {
                self.renamed.insert(after.id);
            }
        }
        if !after.deleted {
            self.owners.insert(after.definition.name.as_str().to_owned(), after.id);
        }
        if before.as_ref().is_none_or(|before| before.revision != after.revision) {
            self.revisions.push(Arc::clone(&after));
        }
        self.numbers.change = self.numbers.change.saturating_add(1);
        self.places.insert(after.id, ChangeSequence(self.numbers.change));
        self.jobs.insert(after.id, Arc::clone(&after));
        self.answers.push((before, after));
    }

    /// The numbers given last, after the batch.
    pub(in crate::store) const fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// The jobs whose name must be free before any row is written, so that names can be handed on within the batch.
    pub(in crate::store) fn renamed(&self) -> Vec<i64> {
        self.renamed.intersection(&self.known).map(|id| id.0).collect()
    }

    /// The jobs that were there and changed, each once at its newest.
    pub(in crate::store) fn changed(&self) -> Vec<(&Job, ChangeSequence)> {
        self.touched(true)
    }

    /// The jobs that are new, each once at its newest.
    pub(in crate::store) fn added(&self) -> Vec<(&Job, ChangeSequence)> {
        self.touched(false)
    }

    fn touched(&self, known: bool) -> Vec<(&Job, ChangeSequence)> {
        let places = self.places.iter().filter(|(id, _)| self.known.contains(id) == known);
        places.filter_map(|(id, place)| Some((&**self.jobs.get(id)?, *place))).collect()
    }

    /// The revisions made, each as the job was then.
    pub(in crate::store) fn revisions(&self) -> &[Arc<Job>] {
        &self.revisions
    }

    /// What it does to the marks of jobs.
    pub(in crate::store) fn marks(&self) -> JobMarks {
        let mut marks = JobMarks::default();
        self.answers.iter().for_each(|(before, after)| marks.change(before.as_deref(), after));
        marks
    }

    /// The job before and after each change, in order.
    pub(in crate::store) fn into_answers(self) -> Vec<Changed> {
        self.answers
    }
}

/// The ids that a batch names, each once.
pub(in crate::store) fn named_ids(writes: &[Write]) -> Vec<i64> {
    let ids: BTreeSet<i64> = writes.iter().filter_map(|write| write.job().map(|id| id.0)).collect();
    ids.into_iter().collect()
}

/// The names that a batch wants, each once.
pub(in crate::store) fn wanted_names(writes: &[Write]) -> Vec<String> {
    let names: BTreeSet<&str> = writes.iter().filter_map(|write| write.name().map(|name| name.as_str())).collect();
    names.into_iter().map(str::to_owned).collect()
}
