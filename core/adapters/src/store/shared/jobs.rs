//! Jobs, their revisions and the feed of changes; writes within a transaction of the caller.
//!
//! A batch locks the numbers given last before it reads anything, so that batches come one after the other: sequences
//! grow in the order of commits, names cannot be taken meanwhile, and everything is decided in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use cronbus_core::id::{JobId, Partition};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Change, ChangeSequence, Error, Write};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::queries::{deleted_job, row_count};
use super::{Connection, marks};
use crate::store::failure::Failure;
use crate::store::rows::{FilterColumns, JobRow, NewJob, NewRevision, RevisionRow, to_document};
use crate::store::schema::{counters, job_revisions, jobs, watermarks};
use crate::store::server::batch;
use crate::store::server::jobs::{Author, Batch, Changed, Numbers, named_ids, wanted_names};

const LAST_JOB: &str = "job";
const LAST_CHANGE: &str = "job_change";

/// How many rows one statement writes or looks up: servers take 65,535 parameters at most.
const AT_ONCE: usize = 500;

pub(super) async fn write(
    connection: &mut Connection,
    writes: &[Write],
    author: &Author,
) -> Result<Vec<Changed>, Failure> {
    let numbers = lock_numbers(connection).await?;
    let reached = reached(connection, writes).await?;
    let mut batch = Batch::new(concerned(connection, writes).await?, numbers);
    batch.apply(writes, author, &reached)?;
    for ids in batch.renamed().chunks(AT_ONCE) {
        let renamed = jobs::table.filter(jobs::id.eq_any(ids));
        diesel::update(renamed).set(jobs::name.eq(None::<String>)).execute(connection).await?;
    }
    for (job, place) in batch.changed() {
        let definition = to_document(&*job.definition);
        let row = (NewJob::new(job, &definition, place), FilterColumns::from(job));
        diesel::update(jobs::table.find(job.id.0)).set(row).execute(connection).await?;
    }
    add(connection, &batch.added()).await?;
    keep_revisions(connection, batch.revisions()).await?;
    marks::keep_of_jobs(connection, batch.marks()).await?;
    set_number(connection, LAST_JOB, batch.numbers().job).await?;
    set_number(connection, LAST_CHANGE, batch.numbers().change).await?;
    Ok(batch.into_answers())
}

pub(super) async fn lock_numbers(connection: &mut Connection) -> QueryResult<Numbers> {
    // In one order: the change first, for that is what everybody takes.
    let change = counters::table.find(LAST_CHANGE).select(counters::value).for_update().first(connection).await?;
    let job = counters::table.find(LAST_JOB).select(counters::value).for_update().first(connection).await?;
    Ok(Numbers { job, change })
}

async fn set_number(connection: &mut Connection, name: &str, value: i64) -> QueryResult<usize> {
    diesel::update(counters::table.find(name)).set(counters::value.eq(value)).execute(connection).await
}

/// Up to where the slots were created of the partitions of the jobs that the changes name.
async fn reached(connection: &mut Connection, writes: &[Write]) -> QueryResult<BTreeMap<Partition, Timestamp>> {
    let named = batch::numbers(writes.iter().filter_map(|write| write.job().map(JobId::partition)));
    if named.is_empty() {
        return Ok(BTreeMap::new());
    }
    let reached: Vec<(i32, i64)> =
        watermarks::table.filter(watermarks::partition_number.eq_any(named)).load(connection).await?;
    let read = |(number, millis)| Some((Partition(u8::try_from(number).ok()?), Timestamp::from_millis(millis)));
    Ok(reached.into_iter().filter_map(read).collect())
}

/// The jobs that the changes name, and those that have the names they want.
async fn concerned(connection: &mut Connection, writes: &[Write]) -> Result<Vec<Arc<Job>>, Failure> {
    let mut rows: Vec<JobRow> = Vec::new();
    for ids in named_ids(writes).chunks(AT_ONCE) {
        let named = jobs::table.filter(jobs::id.eq_any(ids)).select(JobRow::as_select());
        rows.extend(named.load(connection).await?);
    }
    for names in wanted_names(writes).chunks(AT_ONCE) {
        let owners = jobs::table.filter(jobs::name.eq_any(names)).select(JobRow::as_select());
        rows.extend(owners.load(connection).await?);
    }
    let jobs: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(Arc::<Job>::try_from).collect();
    Ok(jobs?)
}

async fn add(connection: &mut Connection, added: &[(&Job, ChangeSequence)]) -> QueryResult<()> {
    for chunk in added.chunks(AT_ONCE) {
        let definitions: Vec<String> = chunk.iter().map(|(job, _)| to_document(&*job.definition)).collect();
        let rows: Vec<_> = chunk
            .iter()
            .zip(&definitions)
            .map(|((job, place), text)| (NewJob::new(job, text, *place), FilterColumns::from(*job)))
            .collect();
        diesel::insert_into(jobs::table).values(&rows).execute(connection).await?;
    }
    Ok(())
}

async fn keep_revisions(connection: &mut Connection, revisions: &[Arc<Job>]) -> QueryResult<()> {
    for chunk in revisions.chunks(AT_ONCE) {
        let definitions: Vec<String> = chunk.iter().map(|job| to_document(&*job.definition)).collect();
        let rows: Vec<_> = chunk.iter().zip(&definitions).map(|(job, text)| NewRevision::new(job, text)).collect();
        diesel::insert_into(job_revisions::table).values(&rows).execute(connection).await?;
    }
    Ok(())
}

pub(super) async fn changes(
    connection: &mut Connection,
    after: ChangeSequence,
    limit: usize,
) -> Result<Vec<Change>, Failure> {
    let rows: Vec<JobRow> = jobs::table
        .filter(jobs::change_sequence.gt(after.0))
        .order(jobs::change_sequence)
        .limit(row_count(limit))
        .select(JobRow::as_select())
        .load(connection)
        .await?;
    let changes: Result<Vec<Change>, Error> = rows.into_iter().map(Change::try_from).collect();
    Ok(changes?)
}

pub(super) async fn find(connection: &mut Connection, id: JobId) -> Result<Option<Arc<Job>>, Failure> {
    let row = jobs::table.find(id.0).select(JobRow::as_select()).first(connection).await.optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) async fn find_by_name(connection: &mut Connection, name: &str) -> Result<Option<Arc<Job>>, Failure> {
    let named = jobs::table.filter(jobs::name.eq(name));
    let row = named.select(JobRow::as_select()).first(connection).await.optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) async fn find_deleted(connection: &mut Connection, name: &str) -> Result<Option<Arc<Job>>, Failure> {
    let row = deleted_job(name).select(JobRow::as_select()).first(connection).await.optional()?;
    Ok(row.map(Arc::<Job>::try_from).transpose()?)
}

pub(super) async fn revisions(connection: &mut Connection, id: JobId, limit: usize) -> Result<Vec<Arc<Job>>, Failure> {
    let Some(newest) = find(connection, id).await? else { return Ok(Vec::new()) };
    let rows: Vec<RevisionRow> = job_revisions::table
        .filter(job_revisions::job.eq(id.0))
        .order(job_revisions::revision.desc())
        .limit(row_count(limit))
        .select(RevisionRow::as_select())
        .load(connection)
        .await?;
    let revisions: Result<Vec<Arc<Job>>, Error> = rows.into_iter().map(|row| row.of(&newest)).collect();
    Ok(revisions?)
}
