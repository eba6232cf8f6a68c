//! The JSON shapes of the REST interface: what a job, a run, a chunk of a log and a page of a list look like.
//!
//! The command line reads the same types. Times are RFC 3339 in UTC with milliseconds.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use cronbus_core::config::Provenance;
use cronbus_core::dispatch::WaitingFor;
use cronbus_core::document::{FieldChange, Plan};
use cronbus_core::id::{JobId, NodeName, Revision, RunId};
use cronbus_core::job::{Definition, Job, Params, Pause};
use cronbus_core::port::log::{Chunk, Stream};
use cronbus_core::port::membership::Role;
use cronbus_core::port::operations::{JobStatus, NodeStatus};
use cronbus_core::run::{Output, Run, State, Trigger, Usage};
use cronbus_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The fields of [`JobView`] that a node says of a job, beside its definition: a job as it was read may be sent back.
pub(crate) const JOB_EXTRAS: [&str; 11] = [
    "id",
    "revision",
    "active",
    "next_at",
    "no_node",
    "pause",
    "created_at",
    "updated_at",
    "updated_by",
    "deleted",
    "status",
];

/// A part of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listing<T> {
    /// The part.
    pub(crate) items: Vec<T>,
    /// Give this as `cursor` to get what follows; null when nothing does.
    pub(crate) next: Option<String>,
}

impl<T> Listing<T> {
    /// What the store gave as a part of a list.
    pub(crate) fn part<I: Into<T>, K: fmt::Display>((items, next): (Vec<I>, Option<K>)) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), next: next.map(|cursor| cursor.to_string()) }
    }

    /// A list of one page.
    pub(crate) fn all<I: Into<T>>(items: Vec<I>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), next: None }
    }
}

/// The living nodes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodesView {
    /// By name.
    pub(crate) items: Vec<NodeStatus>,
    /// Always absent: there is one page.
    pub(crate) next: Option<String>,
    /// The roles that somebody has to play and no active node plays.
    #[serde(default)]
    pub(crate) lacking: Vec<Role>,
}

/// A job: its definition, and what the node says of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct JobView {
    /// Its number.
    pub(crate) id: JobId,
    /// Which edit this is.
    pub(crate) revision: Revision,
    /// What its author wrote.
    #[serde(flatten)]
    pub(crate) definition: Arc<Definition>,
    /// Whether its rule makes slots now: it is enabled and not paused.
    pub(crate) active: bool,
    /// When it is due next; null when it is not.
    pub(crate) next_at: Option<Timestamp>,
    /// Why no node that lives fits its target; absent when one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) no_node: Option<String>,
    /// Why it is paused; null when it is not.
    pub(crate) pause: Option<Pause>,
    /// When it was added.
    pub(crate) created_at: Timestamp,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
    /// Who changed it last.
    pub(crate) updated_by: String,
    /// Whether it was deleted; revisions may show it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
    /// How it is doing, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<JobStatus>,
}

impl JobView {
    /// A job as it is shown at `now`, due next at `next_at`.
    pub(crate) fn new(job: &Job, now: Timestamp, next_at: Option<Timestamp>) -> Self {
        Self {
            id: job.id,
            revision: job.revision,
            definition: Arc::clone(&job.definition),
            active: job.is_active(now),
            next_at,
            no_node: None,
            pause: job.pause.clone().filter(|pause| pause.holds(now)),
            created_at: job.created_at,
            updated_at: job.updated_at,
            updated_by: job.updated_by.clone(),
            deleted: job.deleted,
            status: None,
        }
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunView {
    /// Its id.
    pub(crate) id: RunId,
    /// The name of its job.
    pub(crate) job: String,
    /// The number of its job.
    pub(crate) job_id: JobId,
    /// When its slot was due.
    pub(crate) due_at: Timestamp,
    /// Where it is in its life.
    pub(crate) state: State,
    /// The numeric code of the state.
    pub(crate) code: u16,
    /// Why it exists.
    pub(crate) trigger: Trigger,
    /// Which try it is.
    pub(crate) attempt: u32,
    /// Which of the slot's runs.
    pub(crate) shard: u32,
    /// Where it is or was executed.
    pub(crate) node: Option<NodeName>,
    /// The revision of the job it is pinned to.
    pub(crate) revision: Revision,
    /// When its row became durable.
    pub(crate) created_at: Timestamp,
    /// When it started.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended or was answered.
    pub(crate) ended_at: Option<Timestamp>,
    /// Exit code or HTTP status.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// Why it is in its state, for people.
    pub(crate) reason: String,
    /// The values it was given when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) params: Option<Arc<Params>>,
    /// What it used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
    /// What became of its output; null as long as that is not known, and for ever where nobody told its end. Its log may
    /// know more.
    pub(crate) output: Option<Output>,
    /// What it waits for; absent when it waits for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting_for: Option<WaitingFor>,
    /// What came to be known after its answer was recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
}

impl RunView {
    /// A run of the job called `job`.
    pub(crate) fn new(run: Run, job: String) -> Self {
        let (code, output) = (run.code(), run.known_output());
        Self {
            id: run.id,
            job,
            job_id: run.job,
            due_at: run.due_at,
            state: run.state,
            code,
            trigger: run.trigger,
            attempt: run.attempt.0,
            shard: run.shard.index(),
            node: run.node,
            revision: run.revision,
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
            exit_code: run.exit_code,
            signal: run.signal,
            reason: run.reason,
            params: run.params,
            usage: run.usage,
            output,
            waiting_for: None,
            note: run.note,
        }
    }
}

/// A piece of a run's output. Either `text` or `base64` is there: what is not UTF-8 cannot be text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkView {
    /// Its place among the run's chunks, from 0.
    pub(crate) sequence: u64,
    /// When it was read.
    pub(crate) at: Timestamp,
    /// Where it came from.
    pub(crate) stream: Stream,
    /// The bytes, where they are UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The bytes, where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) base64: Option<String>,
}

impl From<Chunk> for ChunkView {
    fn from(chunk: Chunk) -> Self {
        let (text, base64) = match String::from_utf8(chunk.bytes) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))),
        };
        Self { sequence: chunk.sequence, at: chunk.at, stream: chunk.stream, text, base64 }
    }
}

impl ChunkView {
    /// The bytes as they were read; what was damaged on the way is left out.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match (&self.text, &self.base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(text)) => base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}

/// A part of a run's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LogView {
    /// In order.
    pub(crate) items: Vec<ChunkView>,
    /// Ask for what follows with `from` set to this.
    pub(crate) next: u64,
    /// Whether nothing follows, now or later.
    pub(crate) complete: bool,
    /// Why there may be more than can be read now; null where that is not so.
    #[serde(default)]
    pub(crate) lack: Option<String>,
}

/// Why a log that is followed ends before its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LackView {
    /// For people.
    pub(crate) detail: String,
}

/// A value of a node's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettingView {
    /// `section.key`.
    pub(crate) key: String,
    /// As TOML; secrets are hidden.
    pub(crate) value: String,
    /// Where it came from.
    pub(crate) source: String,
}

impl From<&Provenance> for SettingView {
    fn from(entry: &Provenance) -> Self {
        Self { key: entry.key.clone(), value: entry.value.clone(), source: entry.origin.to_string() }
    }
}

/// What came of asking for a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SubmittedView {
    /// The run.
    pub(crate) run_id: RunId,
    /// False when an earlier request with the same idempotency key made it.
    pub(crate) created: bool,
    /// The run as it is.
    pub(crate) run: RunView,
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct KilledView {
    /// True when the run is being ended; false when it was over already.
    pub(crate) killed: bool,
}

/// What applying a document changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlanView {
    /// Whether it was done; false for a dry run.
    pub(crate) applied: bool,
    /// The names of the jobs that are added.
    pub(crate) add: Vec<String>,
    /// The jobs that are changed.
    pub(crate) change: Vec<ChangeView>,
    /// The names of the jobs that are deleted.
    pub(crate) remove: Vec<String>,
    /// How many jobs are as the document says.
    pub(crate) unchanged: usize,
}

/// A job that is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangeView {
    /// Its name.
    pub(crate) name: String,
    /// What it is and what it becomes, field by field; null where a field has its default.
    pub(crate) fields: Vec<FieldChange>,
}

impl PlanView {
    /// A plan as it is shown.
    pub(crate) fn new(plan: &Plan, applied: bool) -> Self {
        let change = |change: &cronbus_core::document::Change| ChangeView {
            name: change.wanted.name.to_string(),
            fields: change.fields.clone(),
        };
        Self {
            applied,
            add: plan.add.iter().map(|definition| definition.name.to_string()).collect(),
            change: plan.change.iter().map(change).collect(),
            remove: plan.remove.iter().map(|job| job.definition.name.to_string()).collect(),
            unchanged: plan.unchanged.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::job::{Command, JobName};
    use proptest::prelude::*;

    #[test]
    fn a_job_reads_back_and_its_extras_are_all_named() {
        let definition = Definition::new(JobName::new("a/b").unwrap(), Command::shell("true"));
        let plain = serde_json::to_value(&definition).unwrap();
        let job = Job::added(JobId(7), Arc::new(definition), "ann", Timestamp::from_seconds(5));
        let mut view = JobView::new(&job, Timestamp::from_seconds(9), None);
        view.status = Some(JobStatus::default());
        view.deleted = true;
        view.no_node = Some("x".to_owned());
        let mut shown = serde_json::to_value(&view).unwrap();
        let back: JobView = serde_json::from_value(shown.clone()).unwrap();
        assert_eq!(back.definition, job.definition);
        for extra in JOB_EXTRAS {
            assert!(shown.as_object_mut().unwrap().remove(extra).is_some(), "{extra}");
        }
        assert_eq!(shown, plain);
    }

    proptest! {
        #[test]
        fn chunks_keep_their_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let chunk = Chunk { sequence: 1, at: Timestamp::EPOCH, stream: Stream::Stdout, bytes: bytes.clone() };
            let text = serde_json::to_string(&ChunkView::from(chunk)).unwrap();
            prop_assert_eq!(serde_json::from_str::<ChunkView>(&text).unwrap().bytes(), bytes);
        }
    }
}
