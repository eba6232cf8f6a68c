//! Creation, recording and submission, on a plain connection within a transaction of the caller.

use cronbus_core::id::{Epoch, JobId, NodeName, Partition, RunId};
use cronbus_core::port::store::{
    Advance, Claim, Created, Creation, Error, Note, Recorded, Recording, Submission, Submitted, Update,
};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::alerts;
use super::audit;
use super::marks;
use super::statements::MoveOn;
use crate::store::failure::Failure;
use crate::store::rows::{FullRun, MovedRun, NewMark, RunRow, WaitingRun};
use crate::store::schema::{jobs, partitions, runs, submissions};

/// How many ids one look-up names.
const LOOK_UP: usize = 500;

pub(super) fn claim(
    connection: &mut SqliteConnection,
    wanted: &[Partition],
    owner: &NodeName,
    at_least: Epoch,
) -> Result<Vec<Claim>, Failure> {
    wanted.iter().map(|partition| claim_one(connection, *partition, owner, at_least)).collect()
}

fn claim_one(
    connection: &mut SqliteConnection,
    partition: Partition,
    owner: &NodeName,
    at_least: Epoch,
) -> Result<Claim, Failure> {
    let (epoch, watermark) = ownership(connection, partition)?.unwrap_or((0, 0));
    let epoch = epoch.saturating_add(1).max(at_least.0);
    diesel::replace_into(partitions::table)
        .values((
            partitions::partition_number.eq(i32::from(partition.0)),
            partitions::owner.eq(owner.as_str()),
            partitions::epoch.eq(epoch),
            partitions::watermark.eq(watermark),
        ))
        .execute(connection)?;
    Ok(Claim { partition, epoch: Epoch(epoch), watermark: Timestamp::from_millis(watermark) })
}

/// The epoch in force and the watermark, if anybody ever owned the partition.
fn ownership(connection: &mut SqliteConnection, partition: Partition) -> QueryResult<Option<(i64, i64)>> {
    partitions::table
        .find(i32::from(partition.0))
        .select((partitions::epoch, partitions::watermark))
        .first(connection)
        .optional()
}

pub(super) fn create(connection: &mut SqliteConnection, creation: &Creation) -> Result<Created, Failure> {
    for advance in &creation.advances {
        move_watermark(connection, *advance)?;
    }
    let mut created = Created::default();
    for run in in_order(&creation.runs, |run| run.id) {
        if !insert(connection, run)? {
            created.existing.extend(find(connection, run.id)?);
        }
    }
    alerts::raise_but(connection, &creation.events, &created.existing)?;
    Ok(created)
}

/// In the order of ids, equal ones as they come: neighbours in the table are written one after the other.
fn in_order<T>(items: &[T], id: impl Fn(&T) -> RunId) -> Vec<&T> {
    let mut ordered: Vec<&T> = items.iter().collect();
    ordered.sort_by_key(|item| id(item));
    ordered
}

fn move_watermark(connection: &mut SqliteConnection, advance: Advance) -> Result<(), Failure> {
    let Advance { partition, epoch, watermark } = advance;
    let reached = check_epoch(connection, partition, epoch)?;
    if reached < watermark.millis() {
        diesel::update(partitions::table.find(i32::from(partition.0)))
            .set(partitions::watermark.eq(watermark.millis()))
            .execute(connection)?;
    }
    Ok(())
}

/// Refuses an epoch that is not in force; returns the watermark. Nobody claims meanwhile: the transaction is the only one
/// that writes.
fn check_epoch(connection: &mut SqliteConnection, partition: Partition, used: Epoch) -> Result<i64, Failure> {
    match ownership(connection, partition)? {
        Some((current, watermark)) if current == used.0 => Ok(watermark),
        other => {
            let current = Epoch(other.map_or(0, |(current, _)| current));
            Err(Error::Fenced { partition, used, current }.into())
        }
    }
}

/// Adds a row unless its id is there; whether it was added.
fn insert(connection: &mut SqliteConnection, run: &Run) -> QueryResult<bool> {
    let rows = match WaitingRun::of(run) {
        Some(row) => diesel::insert_or_ignore_into(runs::table).values(row).execute(connection)?,
        None => diesel::insert_or_ignore_into(runs::table).values(FullRun::from(run)).execute(connection)?,
    };
    if rows == 1 {
        marks::keep(connection, NewMark::of_new(run))?;
    }
    Ok(rows == 1)
}

/// The rows of these runs that are there.
pub(super) fn find_all(connection: &mut SqliteConnection, wanted: &[RunId]) -> Result<Vec<Run>, Failure> {
    let mut found = Vec::with_capacity(wanted.len());
    for chunk in wanted.chunks(LOOK_UP) {
        let ids: Vec<&[u8]> = chunk.iter().map(|id| id.as_bytes().as_slice()).collect();
        let rows: Vec<RunRow> = runs::table.filter(runs::id.eq_any(ids)).load(connection)?;
        for row in rows {
            found.push(Run::try_from(row)?);
        }
    }
    Ok(found)
}

/// One run.
pub(super) fn find(connection: &mut SqliteConnection, id: RunId) -> Result<Option<Run>, Failure> {
    let row: Option<RunRow> = runs::table.find(id.as_bytes().as_slice()).first(connection).optional()?;
    Ok(row.map(Run::try_from).transpose()?)
}

pub(super) fn record(connection: &mut SqliteConnection, recording: &Recording) -> Result<Recorded, Failure> {
    let mut recorded = Recorded::default();
    for fence in &recording.fences {
        check_epoch(connection, fence.partition, fence.epoch)?;
    }
    for update in in_order(&recording.updates, |update| update.run.id) {
        if !move_on(connection, update)? {
            recorded.conflicts.extend(find(connection, update.run.id)?);
        } else if let Some(next) = &update.next_attempt {
            insert(connection, next)?;
        }
    }
    alerts::raise_but(connection, &recording.events, &recorded.conflicts)?;
    Ok(recorded)
}

/// Moves a row on if it is in the state it is moved from; whether it was.
fn move_on(connection: &mut SqliteConnection, update: &Update) -> QueryResult<bool> {
    let Update { from, run, .. } = update;
    let statement = MoveOn { id: run.id.as_bytes(), from: i32::from(from.number()), to: MovedRun::from(run) };
    let moved = statement.execute(connection)? == 1;
    if moved {
        marks::keep(connection, NewMark::of_moved(run))?;
    }
    Ok(moved)
}

pub(super) fn note(connection: &mut SqliteConnection, notes: &[Note]) -> Result<(), Failure> {
    for Note { run, text } in notes {
        let row = runs::table.filter(runs::id.eq(run.as_bytes().as_slice()));
        let open = row.filter(runs::note.is_null()).filter(runs::ended_at.is_not_null());
        diesel::update(open).set(runs::note.eq(text)).execute(connection)?;
    }
    Ok(())
}

pub(super) fn submit(connection: &mut SqliteConnection, submission: &Submission) -> Result<Submitted, Failure> {
    if let Some(run) = submitted(connection, submission.idempotency_key.as_deref())? {
        return answered(connection, submission, run);
    }
    refuse_deleted(connection, submission.run.job)?;
    let created = insert(connection, &submission.run)?;
    if let Some(key) = &submission.idempotency_key {
        let row = (submissions::idempotency_key.eq(key), submissions::run.eq(submission.run.id.as_bytes().as_slice()));
        diesel::replace_into(submissions::table).values(row).execute(connection)?;
    }
    if let Some(record) = submission.record.as_ref().filter(|_| created) {
        audit::keep(connection, std::slice::from_ref(record))?;
    }
    let existing = if created { None } else { find(connection, submission.run.id)? };
    Ok(Submitted { run: existing.unwrap_or_else(|| submission.run.clone()), created })
}

/// Answers with the run that the key has.
fn answered(connection: &mut SqliteConnection, submission: &Submission, run: Run) -> Result<Submitted, Failure> {
    if submission.is_for(&run) {
        return Ok(Submitted { run, created: false });
    }
    let mut name = |job| Ok::<_, Failure>(super::jobs::find(connection, job)?.map(|job| job.definition.name.clone()));
    let (wanted, has) = (name(submission.run.job)?, name(run.job)?);
    Ok(submission.answered_by(run, wanted.as_ref(), has.as_ref())?)
}

fn refuse_deleted(connection: &mut SqliteConnection, job: JobId) -> Result<(), Failure> {
    let deleted: Option<bool> = jobs::table.find(job.0).select(jobs::deleted).first(connection).optional()?;
    let gone = || Error::NoSuchJob { job: job.to_string() };
    if deleted == Some(true) { Err(gone().into()) } else { Ok(()) }
}

/// The run of a key.
fn submitted(connection: &mut SqliteConnection, key: Option<&str>) -> Result<Option<Run>, Failure> {
    let Some(key) = key else { return Ok(None) };
    let row: Option<RunRow> = submissions::table
        .inner_join(runs::table.on(runs::id.eq(submissions::run)))
        .filter(submissions::idempotency_key.eq(key))
        .select(runs::all_columns)
        .first(connection)
        .optional()?;
    Ok(row.map(Run::try_from).transpose()?)
}
