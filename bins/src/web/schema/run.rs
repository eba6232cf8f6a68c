//! Runs, logs, nodes, health.
#![allow(dead_code, reason = "only described, never made")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// One attempt at one slot.
#[derive(ToSchema)]
pub(crate) struct Run {
    /// Derived from the slot; sorts by due moment.
    #[schema(format = "uuid")]
    id: String,
    /// The name of its job.
    job: String,
    /// The number of its job.
    job_id: i64,
    /// When its slot was due.
    #[schema(format = DateTime)]
    due_at: String,
    /// `created`, `assigned`, `running`, `succeeded`, `failed`, `timed_out`, `killed`, `lost`, `skipped`, `missed` or
    /// `rejected`.
    #[schema(example = "succeeded")]
    state: String,
    /// 10000 created or assigned, 10006 running, 10001 succeeded, 10002 failed, lost, rejected or missed, 10003 timed
    /// out or skipped, 10004 killed, 10005 skipped because the earlier run is healthy.
    code: u16,
    /// `schedule`, `manual`, `adhoc` or `retry`.
    trigger: String,
    /// Which try it is, from 1.
    attempt: u32,
    /// Which of the slot's runs, from 0.
    shard: u32,
    /// Where it is or was executed.
    node: Option<String>,
    /// The revision of the job it is pinned to.
    revision: i32,
    /// When its row became durable.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it started.
    #[schema(format = DateTime)]
    started_at: Option<String>,
    /// When it ended or was answered.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Exit code or HTTP status.
    exit_code: Option<i32>,
    /// The signal that ended it.
    signal: Option<i32>,
    /// Why it is in its state, for people.
    reason: String,
    /// The values it was given when it was asked for.
    params: Option<BTreeMap<String, String>>,
    /// What it used.
    usage: Option<Usage>,
    /// What became of its output; null as long as that is not known, and for ever where nobody told its end (`lost`).
    output: Option<Output>,
    /// What it waits for; absent when it waits for nothing.
    waiting_for: Option<WaitingFor>,
    /// What came to be known after its answer was recorded, such as the outcome of a run that had been given up as lost;
    /// absent: nothing.
    note: Option<String>,
}

/// Why a run that is not over does not execute yet.
#[derive(ToSchema)]
pub(crate) struct WaitingFor {
    /// `moment`: its own, `earlier`: the end of an earlier run of its job, `node`: one that fits, `turn`: its turn on the
    /// node that has it.
    #[schema(example = "node")]
    what: String,
    /// For people: why it is not there, and what follows if it does not come.
    detail: String,
}

/// The resources a process used.
#[derive(ToSchema)]
pub(crate) struct Usage {
    /// CPU time in user mode, in milliseconds.
    user_ms: u64,
    /// CPU time in the kernel, in milliseconds.
    system_ms: u64,
    /// The largest resident set, in bytes; 0 when it is not known because it was no larger than the node's own.
    max_rss_bytes: u64,
}

/// What became of a run's output.
#[derive(ToSchema)]
pub(crate) struct Output {
    /// How many bytes it wrote.
    bytes: u64,
    /// Whether the middle was left out.
    truncated: bool,
}

/// A part of the list of runs. It is shorter than was asked for, even empty, with a next one, where runs of a node, or of
/// a state that most runs have, take long to find: go on with `next`.
#[derive(ToSchema)]
pub(crate) struct RunListing {
    /// Newest due moment first.
    items: Vec<Run>,
    /// The cursor of the next page; null when there is none.
    next: Option<String>,
}

/// What came of asking for a run.
#[derive(ToSchema)]
pub(crate) struct Submitted {
    /// The run.
    #[schema(format = "uuid")]
    run_id: String,
    /// False when an earlier request with the same key made it.
    created: bool,
    /// The run as it is.
    run: Run,
}

/// Whether a run is being ended.
#[derive(ToSchema)]
pub(crate) struct Killed {
    /// False when it was over already.
    killed: bool,
}

/// A part of a run's log.
#[derive(ToSchema)]
pub(crate) struct Log {
    /// In order.
    items: Vec<LogChunk>,
    /// Ask for what follows with `from` set to this.
    next: u64,
    /// Whether nothing follows, now or later.
    complete: bool,
    /// Why there may be more than can be read now.
    lack: Option<String>,
}

/// A value of a node's configuration.
#[derive(ToSchema)]
pub(crate) struct Setting {
    /// `section.key`.
    key: String,
    /// As TOML; secrets are hidden.
    value: String,
    /// Where it came from: `default`, a line of a file, a variable, a flag.
    source: String,
}

/// A node's configuration, in the order of the manual.
#[derive(ToSchema)]
pub(crate) struct SettingListing {
    /// Every value in force.
    items: Vec<Setting>,
    /// Always null.
    next: Option<String>,
}

/// A piece of a run's output: either `text` or, where it is not UTF-8, `base64`.
#[derive(ToSchema)]
pub(crate) struct LogChunk {
    /// Its place, from 0.
    sequence: u64,
    /// When it was read.
    #[schema(format = DateTime)]
    at: String,
    /// `stdout`, `stderr` or `system`.
    stream: String,
    /// The bytes, where they are UTF-8.
    text: Option<String>,
    /// The bytes, where they are not.
    base64: Option<String>,
}

/// A node.
#[derive(ToSchema)]
pub(crate) struct Node {
    /// Its unique name.
    name: String,
    /// Where its web listens; empty without the role `web`.
    address: String,
    /// Where it answers `/healthz`, `/readyz` and `/metrics` alone (`health.listen`); empty where it does not.
    health_address: String,
    /// `scheduler`, `dispatcher`, `executor`, `monitor`, `web`.
    roles: Vec<String>,
    /// The groups that targets may name.
    groups: Vec<String>,
    /// The labels that targets may name.
    labels: BTreeMap<String, String>,
    /// The version of its executable.
    version: String,
    /// Its process.
    pid: u32,
    /// How many runs it executes at a time; 0 without the role `executor`.
    capacity: u32,
    /// How many it executes now.
    running: u32,
    /// `active` or `draining`.
    state: String,
    /// When it started.
    #[schema(format = DateTime)]
    started_at: String,
    /// Whether it asks its dispatcher before it begins a run.
    waits_for_leave: bool,
    /// Since when it has been registered without a break; absent where there is no register.
    #[schema(format = DateTime)]
    leased_at: Option<String>,
}

/// The list of nodes.
#[derive(ToSchema)]
pub(crate) struct NodeListing {
    /// By name.
    items: Vec<Node>,
    /// Always null.
    next: Option<String>,
    /// The roles among `scheduler`, `dispatcher` and `executor` that no active node plays: what they do is not done now.
    lacking: Vec<String>,
}

/// The process lives.
#[derive(ToSchema)]
pub(crate) struct Alive {
    /// Always true.
    alive: bool,
}

/// How a node is.
#[derive(ToSchema)]
pub(crate) struct Readiness {
    /// Whether it does everything it is there for.
    ready: bool,
    /// Its name; told only to who shows the token, as are the parts.
    node: Option<String>,
    /// Each part.
    parts: Option<BTreeMap<String, PartState>>,
}

/// How one part of a node is.
#[derive(ToSchema)]
pub(crate) struct PartState {
    /// Whether it works.
    ok: bool,
    /// Since when; absent when it has been so since the node started, or was not noted.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// What is wrong and what that means, or what it is doing.
    detail: String,
}
