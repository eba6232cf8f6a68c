//! Creation, recording and submission, within a transaction of the caller.
//!
//! Each batch is tried as if nobody else had written its rows, which is nearly always so and takes one statement. Where
//! the count of rows says otherwise, [`Failure::Raced`] undoes the transaction, and the careful way looks first.

use std::collections::BTreeMap;

use cronbus_core::id::{Epoch, JobId, NodeName, Partition, RunId};
use cronbus_core::port::store::{
    Advance, Claim, Created, Creation, Error, Note, Recorded, Recording, Submission, Submitted, Update,
};
use cronbus_core::run::Run;
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use super::audit;
use super::partitions::{Epochs, Reached};
use super::{Connection, SHARED_LOCK, alerts, marks, statements};
use crate::store::failure::Failure;
use crate::store::rows::{NewMark, RunRow};
use crate::store::schema::{jobs, partitions, runs, submissions, watermarks};
use crate::store::server::batch::{self, Step};

/// How many ids one look-up names.
const LOOK_UP: usize = 1000;

pub(super) async fn claim(
    connection: &mut Connection,
    wanted: &[Partition],
    owner: &NodeName,
    at_least: Epoch,
) -> Result<Vec<Claim>, Failure> {
    let numbers = batch::numbers(wanted.iter().copied());
    let locked = partitions::table.filter(partitions::partition_number.eq_any(numbers.clone()));
    let locked = locked.order(partitions::partition_number).select((partitions::partition_number, partitions::epoch));
    let rows: Vec<(i32, i64)> = locked.for_update().load(connection).await?;
    let mut epochs: BTreeMap<i32, i64> = rows.into_iter().collect();
    let reached = watermarks::table.filter(watermarks::partition_number.eq_any(numbers));
    let reached: Vec<(i32, i64)> = reached.load(connection).await?;
    let reached: BTreeMap<i32, i64> = reached.into_iter().collect();
    let mut claims = Vec::with_capacity(wanted.len());
    for partition in wanted {
        let number = i32::from(partition.0);
        let epoch = epochs.entry(number).or_default();
        *epoch = epoch.saturating_add(1).max(at_least.0);
        let watermark = Timestamp::from_millis(reached.get(&number).copied().unwrap_or(0));
        claims.push(Claim { partition: *partition, epoch: Epoch(*epoch), watermark });
    }
    take(connection, owner, epochs).await?;
    Ok(claims)
}

/// Writes the new owner and epochs: usually one epoch for all.
async fn take(connection: &mut Connection, owner: &NodeName, epochs: BTreeMap<i32, i64>) -> QueryResult<()> {
    let mut by_epoch: BTreeMap<i64, Vec<i32>> = BTreeMap::new();
    for (number, epoch) in epochs {
        by_epoch.entry(epoch).or_default().push(number);
    }
    for (epoch, numbers) in by_epoch {
        let taken = partitions::table.filter(partitions::partition_number.eq_any(numbers));
        let set = (partitions::owner.eq(owner.as_str()), partitions::epoch.eq(epoch));
        diesel::update(taken).set(set).execute(connection).await?;
    }
    Ok(())
}

/// Refuses an epoch that is not in force. Nobody claims these partitions until the transaction ends; others who act for
/// them are not held up.
async fn check_epochs(connection: &mut Connection, wanted: &[(Partition, Epoch)]) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let numbers = batch::numbers(wanted.iter().map(|(partition, _)| *partition));
    let rows: Vec<(i32, i64)> = Epochs::of(&numbers).load(connection).await?;
    Ok(batch::check_epochs(wanted.iter().copied(), &rows.into_iter().collect())?)
}

/// An older watermark leaves the one that is there. Done last: others who create for the same partitions wait from here
/// on.
async fn move_watermarks(connection: &mut Connection, advances: &[Advance]) -> Result<(), Failure> {
    for (watermark, numbers) in batch::watermarks(advances) {
        Reached::of(&numbers, watermark).execute(connection).await?;
    }
    Ok(())
}

fn epochs_of(creation: &Creation) -> Vec<(Partition, Epoch)> {
    creation.advances.iter().map(|advance| (advance.partition, advance.epoch)).collect()
}

/// Adds rows and their marks; whether all were new.
async fn add(connection: &mut Connection, runs: &[&Run]) -> QueryResult<bool> {
    let all_new = statements::insert(connection, runs).await?;
    if all_new {
        marks::keep(connection, runs.iter().flat_map(|run| NewMark::of_new(run))).await?;
    }
    Ok(all_new)
}

/// Moves rows on; whether all were in the state they are moved from.
async fn move_on(connection: &mut Connection, steps: &[Step<'_>]) -> QueryResult<bool> {
    let all_moved = statements::move_on(connection, steps).await? == steps.len();
    if all_moved {
        marks::keep(connection, steps.iter().filter_map(|step| NewMark::of_moved(step.run))).await?;
    }
    Ok(all_moved)
}

/// Creation, as if all rows were new.
pub(super) async fn create(connection: &mut Connection, creation: &Creation) -> Result<Created, Failure> {
    check_epochs(connection, &epochs_of(creation)).await?;
    if !add(connection, &batch::distinct(&creation.runs)).await? {
        return Err(Failure::Raced);
    }
    let existing = batch::existing(&creation.runs, &BTreeMap::new());
    alerts::raise_but(connection, &creation.events, &existing).await?;
    move_watermarks(connection, &creation.advances).await?;
    Ok(Created { existing })
}

/// Creation that looks first which rows are there.
pub(super) async fn create_missing(connection: &mut Connection, creation: &Creation) -> Result<Created, Failure> {
    check_epochs(connection, &epochs_of(creation)).await?;
    let wanted = batch::distinct(&creation.runs);
    let existing = find_all(connection, wanted.iter().map(|run| run.id)).await?;
    let missing: Vec<&Run> = wanted.into_iter().filter(|run| !existing.contains_key(&run.id)).collect();
    if !add(connection, &missing).await? {
        return Err(Failure::Raced);
    }
    let existing = batch::existing(&creation.runs, &existing);
    alerts::raise_but(connection, &creation.events, &existing).await?;
    move_watermarks(connection, &creation.advances).await?;
    Ok(Created { existing })
}

/// The rows of these runs that are there.
pub(super) async fn find_all(
    connection: &mut Connection,
    wanted: impl IntoIterator<Item = RunId>,
) -> Result<BTreeMap<RunId, Run>, Failure> {
    let wanted: Vec<RunId> = wanted.into_iter().collect();
    let mut found = BTreeMap::new();
    for chunk in wanted.chunks(LOOK_UP) {
        let ids: Vec<&[u8]> = chunk.iter().map(|id| id.as_bytes().as_slice()).collect();
        let rows: Vec<RunRow> = runs::table.filter(runs::id.eq_any(ids)).load(connection).await?;
        keep(rows, &mut found)?;
    }
    Ok(found)
}

fn keep(rows: Vec<RunRow>, found: &mut BTreeMap<RunId, Run>) -> Result<(), Failure> {
    for row in rows {
        let run = Run::try_from(row)?;
        found.insert(run.id, run);
    }
    Ok(())
}

/// One run.
pub(super) async fn find(connection: &mut Connection, id: RunId) -> Result<Option<Run>, Failure> {
    let row: Option<RunRow> = runs::table.find(id.as_bytes().as_slice()).first(connection).await.optional()?;
    Ok(row.map(Run::try_from).transpose()?)
}

/// Recording, as if every row were in the state it is moved from.
pub(super) async fn record(connection: &mut Connection, recording: &Recording) -> Result<Recorded, Failure> {
    check_epochs(connection, &fences_of(recording)).await?;
    let steps = batch::steps(&recording.updates).ok_or(Failure::Raced)?;
    if !move_on(connection, &steps).await? {
        return Err(Failure::Raced);
    }
    let next = recording.updates.iter().filter_map(|update| update.next_attempt.as_deref());
    insert_missing(connection, next.cloned().collect()).await?;
    alerts::raise_but(connection, &recording.events, &[]).await?;
    Ok(Recorded::default())
}

fn fences_of(recording: &Recording) -> Vec<(Partition, Epoch)> {
    recording.fences.iter().map(|fence| (fence.partition, fence.epoch)).collect()
}

/// Recording that looks first in which state each row is, and keeps it there.
pub(super) async fn record_carefully(connection: &mut Connection, recording: &Recording) -> Result<Recorded, Failure> {
    check_epochs(connection, &fences_of(recording)).await?;
    let mut rows = BTreeMap::new();
    let mut ids: Vec<&[u8]> = recording.updates.iter().map(|update| update.run.id.as_bytes().as_slice()).collect();
    ids.sort_unstable();
    ids.dedup();
    for chunk in ids.chunks(LOOK_UP) {
        let held = runs::table.filter(runs::id.eq_any(chunk.to_vec())).order(runs::id).for_update();
        keep(held.load(connection).await?, &mut rows)?;
    }
    let replayed = batch::replay(&recording.updates, rows);
    let moved = replayed.moved.iter();
    let steps: Vec<Step<'_>> = moved.map(|Update { from, run, .. }| Step { from: *from, run }).collect();
    if !move_on(connection, &steps).await? {
        return Err(Failure::Raced);
    }
    insert_missing(connection, replayed.next_attempts).await?;
    alerts::raise_but(connection, &recording.events, &replayed.conflicts).await?;
    Ok(Recorded { conflicts: replayed.conflicts })
}

/// Adds the rows that are not there.
async fn insert_missing(connection: &mut Connection, rows: Vec<Run>) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let wanted = batch::distinct(&rows);
    if add(connection, &wanted).await? {
        return Ok(());
    }
    let existing = find_all(connection, wanted.iter().map(|run| run.id)).await?;
    let missing: Vec<&Run> = wanted.into_iter().filter(|run| !existing.contains_key(&run.id)).collect();
    if add(connection, &missing).await? { Ok(()) } else { Err(Failure::Raced) }
}

pub(super) async fn note(connection: &mut Connection, notes: &[Note]) -> Result<(), Failure> {
    for Note { run, text } in notes {
        let row = runs::table.filter(runs::id.eq(run.as_bytes().as_slice()));
        let open = row.filter(runs::note.is_null()).filter(runs::ended_at.is_not_null());
        diesel::update(open).set(runs::note.eq(text)).execute(connection).await?;
    }
    Ok(())
}

pub(super) async fn submit(connection: &mut Connection, submission: &Submission) -> Result<Submitted, Failure> {
    let wanted = &submission.run;
    if let Some(key) = &submission.idempotency_key
        && let Some(run) = submitted(connection, key, wanted.id).await?
    {
        return answered(connection, submission, run).await;
    }
    hold_job(connection, wanted.job).await?;
    if add(connection, &[wanted]).await? {
        if let Some(record) = &submission.record {
            audit::keep(connection, std::slice::from_ref(record)).await?;
        }
        return Ok(Submitted { run: wanted.clone(), created: true });
    }
    let run = find(connection, wanted.id).await?.ok_or(Failure::Raced)?;
    Ok(Submitted { run, created: false })
}

/// Answers with the run that the key has.
async fn answered(connection: &mut Connection, submission: &Submission, run: Run) -> Result<Submitted, Failure> {
    if submission.is_for(&run) {
        return Ok(Submitted { run, created: false });
    }
    let wanted = super::jobs::find(connection, submission.run.job).await?;
    let has = super::jobs::find(connection, run.job).await?;
    let [wanted, has] = [&wanted, &has].map(|job| job.as_deref().map(|job| &job.definition.name));
    Ok(submission.answered_by(run, wanted, has)?)
}

/// Keeps a job from going while it is given a run.
async fn hold_job(connection: &mut Connection, job: JobId) -> Result<(), Failure> {
    let held = format!("SELECT id FROM jobs WHERE id = {} AND NOT deleted {SHARED_LOCK}", job.0);
    if diesel::sql_query(held).get_result::<Held>(connection).await.optional()?.is_some() {
        return Ok(());
    }
    let known: Option<i64> = jobs::table.find(job.0).select(jobs::id).first(connection).await.optional()?;
    let gone = || Error::NoSuchJob { job: job.to_string() };
    if known.is_some() { Err(gone().into()) } else { Ok(()) }
}

/// A job's row that is locked.
#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    #[diesel(column_name = id)]
    _id: i64,
}

/// The run that the key has already; otherwise the key is `id`'s from now on. Others with the same key wait meanwhile.
async fn submitted(connection: &mut Connection, key: &str, id: RunId) -> Result<Option<Run>, Failure> {
    let id = id.as_bytes().as_slice();
    statements::reserve_key(connection, key, id).await?;
    let row = submissions::table.filter(submissions::idempotency_key.eq(key));
    let owner: Vec<u8> = row.select(submissions::run).for_update().first(connection).await?;
    let run: Option<RunRow> = runs::table.find(&owner).first(connection).await.optional()?;
    if run.is_none() && owner != id {
        let row = submissions::table.filter(submissions::idempotency_key.eq(key));
        diesel::update(row).set(submissions::run.eq(id)).execute(connection).await?;
    }
    Ok(run.map(Run::try_from).transpose()?)
}
