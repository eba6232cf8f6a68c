//! A batch of assignments: jobs and params once each, and a row for each run.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sections::{Sections, Writer};
use super::{DecodeError, Decoded, EncodeError, kind};
use crate::id::{Attempt, JobId, NodeName, Revision, RunId, Shard};
use crate::job::{Job, Params};
use crate::time::Timestamp;
use crate::wire::{Assignment, AssignmentBatch, Handed, Handover, Message};

const HEAD: u8 = 1;
const JOBS: u8 = 2;
const PARAMS: u8 = 3;
const ROWS: u8 = 4;
const SENT: u8 = 5;
/// Which rows wait for leave to begin, one value for each; absent when none does. Only those are sent it who know it:
/// others would begin at once.
const ON_LEAVE: u8 = 6;
/// The secrets of rows, by the place of the row; absent when none names any. Who does not know them lets such runs fail,
/// since it has nothing to fill in.
const SECRETS: u8 = 7;

/// Who hands over to whom.
#[derive(Serialize, Deserialize)]
struct Head {
    from: NodeName,
    from_life_ms: i64,
    to_life_ms: i64,
    sequence: u64,
}

/// One job of the batch.
#[derive(Serialize, Deserialize)]
struct JobEntry {
    id: i64,
    revision: i32,
    anchor_ms: i64,
    effective_from_ms: i64,
    created_at_ms: i64,
    updated_at_ms: i64,
    updated_by: String,
    deleted: bool,
    /// As JSON.
    definition: Vec<u8>,
    /// As JSON; empty when it is not paused.
    pause: Vec<u8>,
}

/// One assignment.
#[derive(Serialize, Deserialize)]
struct Row {
    run: [u8; 16],
    handover: i64,
    /// Which entry of the batch's jobs.
    job: u32,
    due_at_ms: i64,
    attempt: u32,
    shard: u32,
    shards: u32,
    /// Which entry of the batch's params.
    params: Option<u32>,
    start_by_ms: Option<i64>,
    not_before_ms: Option<i64>,
}

/// Things that many assignments share, each once, in the order they were met.
struct Table<'batch, T> {
    entries: Vec<&'batch T>,
    /// By address: what is shared is the same value.
    places: HashMap<*const T, u32>,
}

impl<'batch, T> Table<'batch, T> {
    fn new() -> Self {
        Self { entries: Vec::new(), places: HashMap::new() }
    }

    fn place(&mut self, shared: &'batch Arc<T>) -> u32 {
        let entries = &mut self.entries;
        *self.places.entry(Arc::as_ptr(shared)).or_insert_with(|| {
            entries.push(shared);
            u32::try_from(entries.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

pub(super) fn encode(batch: &AssignmentBatch) -> Result<Vec<u8>, EncodeError> {
    let mut jobs = Table::new();
    let mut params = Table::new();
    let rows: Vec<Row> = batch.assignments.iter().map(|one| row(one, &mut jobs, &mut params)).collect();
    let entries = jobs.entries.into_iter().map(job_entry).collect::<Result<Vec<_>, _>>()?;
    let head = Head {
        from: batch.from.clone(),
        from_life_ms: batch.from_life.millis(),
        to_life_ms: batch.to_life.millis(),
        sequence: batch.sequence,
    };
    let writer = Writer::new(kind::ASSIGNMENTS).section(HEAD, &head)?.section(JOBS, &entries)?;
    let writer = writer.section(PARAMS, &params.entries)?.section(ROWS, &rows)?;
    let mut writer = match batch.sent_at {
        Some(sent_at) => writer.section(SENT, &sent_at.millis())?,
        None => writer,
    };
    let on_leave: Vec<bool> = batch.assignments.iter().map(|one| one.on_leave).collect();
    if on_leave.contains(&true) {
        writer = writer.section(ON_LEAVE, &on_leave)?;
    }
    let handed = |(place, one): (u32, &Assignment)| Some((place, one.secrets.as_deref()?.clone()));
    let secrets: Vec<(u32, Handed)> = (0..).zip(&batch.assignments).filter_map(handed).collect();
    if !secrets.is_empty() {
        writer = writer.section(SECRETS, &secrets)?;
    }
    Ok(writer.finish())
}

fn row<'batch>(
    assignment: &'batch Assignment,
    jobs: &mut Table<'batch, Job>,
    params: &mut Table<'batch, Params>,
) -> Row {
    Row {
        run: *assignment.run.as_bytes(),
        handover: assignment.handover.0,
        job: jobs.place(&assignment.job),
        due_at_ms: assignment.due_at.millis(),
        attempt: assignment.attempt.0,
        shard: assignment.shard.0,
        shards: assignment.shards,
        params: assignment.params.as_ref().map(|shared| params.place(shared)),
        start_by_ms: assignment.start_by.map(Timestamp::millis),
        not_before_ms: assignment.not_before.map(Timestamp::millis),
    }
}

fn job_entry(job: &Job) -> Result<JobEntry, EncodeError> {
    let failed = |error: serde_json::Error| EncodeError::new(&format!("job {}: {error}", job.id.0));
    let pause = job.pause.as_ref().map(serde_json::to_vec).transpose().map_err(failed)?;
    Ok(JobEntry {
        id: job.id.0,
        revision: job.revision.0,
        anchor_ms: job.anchor.millis(),
        effective_from_ms: job.effective_from.millis(),
        created_at_ms: job.created_at.millis(),
        updated_at_ms: job.updated_at.millis(),
        updated_by: job.updated_by.clone(),
        deleted: job.deleted,
        definition: serde_json::to_vec(&*job.definition).map_err(failed)?,
        pause: pause.unwrap_or_default(),
    })
}

pub(super) fn decode(body: &[u8]) -> Result<Decoded, DecodeError> {
    let sections = Sections::read(body)?;
    let head: Head = sections.get(HEAD, "head")?;
    let jobs: Vec<Result<Arc<Job>, String>> =
        sections.get::<Vec<JobEntry>>(JOBS, "jobs")?.into_iter().map(job).collect();
    let params: Vec<Arc<Params>> = sections.get(PARAMS, "params")?;
    let rows: Vec<Row> = sections.get(ROWS, "rows")?;
    let on_leave: Vec<bool> = sections.find(ON_LEAVE, "leaves")?.unwrap_or_default();
    let on_leave = on_leave.into_iter().chain(std::iter::repeat(false));
    let secrets: Vec<(u32, Handed)> = sections.find(SECRETS, "secrets")?.unwrap_or_default();
    let mut secrets: HashMap<u32, Handed> = secrets.into_iter().collect();
    let assignments: Option<Vec<Assignment>> = rows
        .into_iter()
        .zip(on_leave)
        .zip(0..)
        .filter_map(|((row, on_leave), place)| {
            let handed = secrets.remove(&place).map(Arc::new);
            assignment(row, (on_leave, handed), &jobs, &params)
        })
        .collect();
    let out_of_range =
        || DecodeError::Unreadable { part: "rows", reason: "one names a job or params that are not there".to_owned() };
    let batch = AssignmentBatch {
        from: head.from,
        from_life: Timestamp::from_millis(head.from_life_ms),
        to_life: Timestamp::from_millis(head.to_life_ms),
        sequence: head.sequence,
        sent_at: sections.find(SENT, "sent_at")?.map(Timestamp::from_millis),
        assignments: assignments.ok_or_else(out_of_range)?,
    };
    let left_out = jobs.into_iter().filter_map(Result::err).collect();
    Ok(Decoded { message: Message::Assign(batch), left_out })
}

fn job(entry: JobEntry) -> Result<Arc<Job>, String> {
    let failed = |error: serde_json::Error| {
        format!("the runs of job {} revision {}: this version cannot read it: {error}", entry.id, entry.revision)
    };
    let pause = (!entry.pause.is_empty()).then(|| serde_json::from_slice(&entry.pause));
    Ok(Arc::new(Job {
        id: JobId(entry.id),
        revision: Revision(entry.revision),
        definition: Arc::new(serde_json::from_slice(&entry.definition).map_err(failed)?),
        anchor: Timestamp::from_millis(entry.anchor_ms),
        effective_from: Timestamp::from_millis(entry.effective_from_ms),
        pause: pause.transpose().map_err(failed)?,
        created_at: Timestamp::from_millis(entry.created_at_ms),
        updated_at: Timestamp::from_millis(entry.updated_at_ms),
        updated_by: entry.updated_by,
        deleted: entry.deleted,
        former: None,
    }))
}

/// `None` when its job was left out; `Some(None)` when it names what is not there.
#[expect(clippy::option_option, reason = "the two are not the same: one is passed over, the other refuses the batch")]
fn assignment(
    row: Row,
    (on_leave, secrets): (bool, Option<Arc<Handed>>),
    jobs: &[Result<Arc<Job>, String>],
    params: &[Arc<Params>],
) -> Option<Option<Assignment>> {
    let place = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
    let Some(job) = jobs.get(place(row.job)) else { return Some(None) };
    let job = job.as_ref().ok()?.clone();
    let params = match row.params.map(|index| params.get(place(index)).cloned()) {
        Some(None) => return Some(None),
        found => found.flatten(),
    };
    Some(Some(Assignment {
        run: RunId::from_bytes(row.run),
        handover: Handover(row.handover),
        job,
        due_at: Timestamp::from_millis(row.due_at_ms),
        attempt: Attempt(row.attempt),
        shard: Shard(row.shard),
        shards: row.shards,
        params,
        start_by: row.start_by_ms.map(Timestamp::from_millis),
        not_before: row.not_before_ms.map(Timestamp::from_millis),
        on_leave,
        secrets,
    }))
}
