//! Jobs, their revisions and the feed of changes, on a plain connection; writes within a transaction of the caller.

use std::sync::Arc;

use cronbus_core::id::{JobId, Partition};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Change, ChangeSequence, Error, Write};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::marks;
use super::queries::{deleted_job, row_count};
use crate::store::failure::Failure;
use crate::store::rows::{FilterColumns, JobMarks, JobRow, NewJob, NewRevision, RevisionRow, to_document};
use crate::store::schema::{counters, job_revisions, jobs, partitions};

const LAST_JOB: &str = "job";
const LAST_CHANGE: &str = "job_change";

/// Who changes jobs, and when.
#[derive(Clone, Debug)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) at: Timestamp,
}

/// A job as it was, unless it is new, and as it is.
pub(super) type Changed = (Option<Arc<Job>>, Arc<Job>);

pub(super) fn write(
    connection: &mut SqliteConnection,
    writes: &[Write],
    author: &Author,
) -> Result<Vec<Changed>, Failure> {
    let (last_job, last_change) = (counter(connection, LAST_JOB)?, counter(connection, LAST_CHANGE)?);
    let mut batch = Batch { connection, author, last_job, last_change };
    let written: Vec<Changed> = writes.iter().map(|write| batch.apply(write)).collect::<Result<_, _>>()?;
    let Batch { last_job, last_change, .. } = batch;
    set_counter(connection, LAST_JOB, last_job)?;
    set_counter(connection, LAST_CHANGE, last_change)?;
    let mut marks = JobMarks::default();
    written.iter().for_each(|(before, after)| marks.change(before.as_deref(), after));
    marks::keep_of_jobs(connection, marks)?;
    Ok(written)
}

fn counter(connection: &mut SqliteConnection, name: &str) -> QueryResult<i64> {
    counters::table.find(name).select(counters::value).first(connection)
}

fn set_counter(connection: &mut SqliteConnection, name: &str, value: i64) -> QueryResult<usize> {
    diesel::update(counters::table.find(name)).set(counters::value.eq(value)).execute(connection)
}

/// Up to where the slots of a partition were created.
fn watermark(connection: &mut SqliteConnection, partition: Partition) -> QueryResult<Timestamp> {
    let owned = partitions::table.find(i32::from(partition.0)).select(partitions::watermark);
    let reached: Option<i64> = owned.first(connection).optional()?;
    Ok(reached.map_or(Timestamp::EPOCH, Timestamp::from_millis))
}

/// A batch of changes within one transaction.
struct Batch<'c> {
    connection: &'c mut SqliteConnection,
    author: &'c Author,
    last_job: i64,
    last_change: i64,
}

impl Batch<'_> {
    fn apply(&mut self, write: &Write) -> Result<Changed, Failure> {
        let Author { name: by, at } = self.author;
        match (write, write.job()) {
            (Write::Add(definition), _) => {
                self.last_job = self.last_job.saturating_add(1);
                let job = Job::added(JobId(self.last_job), Arc::clone(definition), by, *at);
                self.add(&job)?;
                Ok((None, Arc::new(job)))
            }
            (_, Some(id)) => {
                let before = find(self.connection, id)?.ok_or_else(|| Error::NoSuchJob { job: id.to_string() })?;
                write.check(&before)?;
                let after = before.changed(write, by, *at, watermark(self.connection, id.partition())?);
                self.change(&before, &after)?;
                Ok((Some(before), Arc::new(after)))
            }
            (other, None) => Err(Error::Damaged { what: format!("a change of no job: {other:?}") }.into()),
        }
    }

    fn next_place(&mut self) -> ChangeSequence {
        self.last_change = self.last_change.saturating_add(1);
        ChangeSequence(self.last_change)
    }

    fn add(&mut self, job: &Job) -> Result<(), Failure> {
        let definition = to_document(&*job.definition);
        let row = (NewJob::new(job, &definition, self.next_place()), FilterColumns::from(job));
        let added = diesel::insert_into(jobs::table).values(row).execute(self.connection);
        self.accept_name(job, added)?;
        self.keep_revision(job, &definition)
    }

    fn change(&mut self, before: &Job, after: &Job) -> Result<(), Failure> {
        let definition = to_document(&*after.definition);
        let row = (NewJob::new(after, &definition, self.next_place()), FilterColumns::from(after));
        let changed = diesel::update(jobs::table.find(after.id.0)).set(row).execute(self.connection);
        self.accept_name(after, changed)?;
        if before.revision == after.revision {
            return Ok(());
        }
        self.keep_revision(after, &definition)
    }

    fn keep_revision(&mut self, job: &Job, definition: &str) -> Result<(), Failure> {
        let row = NewRevision::new(job, definition);
        diesel::insert_into(job_revisions::table).values(row).execute(self.connection)?;
        Ok(())
    }

    /// The unique index on names has the last word; asking before would cost a look-up for each job added.
    fn accept_name(&mut self, job: &Job, written: QueryResult<usize>) -> Result<(), Failure> {
        match written {
            Err(error) if Failure::is_duplicate(&error) => {
                let name = job.definition.name.as_str().to_owned();
                let owner: Option<i64> =
                    jobs::table.filter(jobs::name.eq(&name)).select(jobs::id).first(self.connection).optional()?;
                Err(owner.map_or(error.into(), |id| Error::NameTaken { name, taken_by: JobId(id) }.into()))
            }
            other => Ok(other.map(drop)?),
        }
    }
}

pub(super) fn changes(
    connection: &mut SqliteConnection,
    after: ChangeSequence,
    limit: usize,
) -> Result<Vec<Change>, Failure> {
    let rows: Vec<JobRow> = jobs::table
        .filter(jobs::change_sequence.gt(after.0))
        .order(jobs::change_sequence)
        .limit(row_count(limit))
        .select(JobRow::as_select())
        .load(connection)?;
    let changes: Result<Vec<Change>, Error> = rows.into_iter().map(Change::try_from).collect();
    Ok(changes?)
}

pub(super) fn find(connection: &mut SqliteConnection, id: JobId) -> Result<Option<Arc<Job>>, Failure> {
    let row = jobs::table.find(id.0).select(JobRow::as_select()).first(connection).optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) fn find_by_name(connection: &mut SqliteConnection, name: &str) -> Result<Option<Arc<Job>>, Failure> {
    let named = jobs::table.filter(jobs::name.eq(name));
    let row = named.select(JobRow::as_select()).first(connection).optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) fn find_deleted(connection: &mut SqliteConnection, name: &str) -> Result<Option<Arc<Job>>, Failure> {
    let row = deleted_job(name).select(JobRow::as_select()).first(connection).optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) fn revisions(connection: &mut SqliteConnection, id: JobId, limit: usize) -> Result<Vec<Arc<Job>>, Failure> {
    let Some(newest) = find(connection, id)? else { return Ok(Vec::new()) };
    let rows: Vec<RevisionRow> = job_revisions::table
        .filter(job_revisions::job.eq(id.0))
        .order(job_revisions::revision.desc())
        .limit(row_count(limit))
        .select(RevisionRow::as_select())
        .load(connection)?;
    let revisions: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(|row| row.of(&newest)).collect();
    Ok(revisions?)
}
