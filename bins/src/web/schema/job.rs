//! Jobs: their definitions, and what a node says of them.
#![allow(dead_code, reason = "only described, never made")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A job as its author writes it. What is absent has its default.
#[derive(ToSchema)]
pub(crate) struct JobDefinition {
    /// Unique over all jobs: 1 to 128 letters, digits, `-`, `_`, `.` and `/`, not digits alone.
    #[schema(example = "nightly-report")]
    name: String,
    /// What the job is for.
    description: Option<String>,
    /// 5 fields, 6 with seconds first, 7 with a year last, `@every 30s`, `@daily`, `@at 2026-12-01T08:00:00Z`,
    /// `@reboot`; absent: only when asked to.
    #[schema(example = "0 3 * * *")]
    schedule: Option<String>,
    /// `unix` or `quartz`; how weekdays are numbered.
    #[schema(default = "unix")]
    dialect: Option<String>,
    /// The IANA zone of the rule.
    #[schema(default = "UTC", example = "Asia/Shanghai")]
    timezone: Option<String>,
    /// What to do when clocks change; Debian cron's way by default.
    dst: Option<Dst>,
    /// No slot before this instant.
    #[schema(format = DateTime)]
    valid_from: Option<String>,
    /// No slot at or after this instant.
    #[schema(format = DateTime)]
    valid_until: Option<String>,
    /// What is executed: exactly one of `shell`, `http` and `noop`.
    command: JobCommand,
    /// Where: the word `any`, or one of the fields.
    target: Option<Target>,
    /// `round_robin`, `least_loaded`, `random`, `hash` or `failover`.
    #[schema(default = "round_robin")]
    routing: Option<String>,
    /// How long a run may take, like `1h30m`; absent: for ever.
    #[schema(example = "5m")]
    timeout: Option<String>,
    /// `kill` or `alert`.
    #[schema(default = "kill")]
    on_timeout: Option<String>,
    /// From TERM to KILL.
    #[schema(example = "10s")]
    kill_grace: Option<String>,
    /// Who supervises its commands: `shim`, so that they outlive the node, or `inline`.
    #[schema(example = "shim")]
    isolation: Option<String>,
    /// What the processes of one run of a shell command may use together.
    limits: Option<Limits>,
    /// What happens when the job is due while an earlier run is not over: `skip`, `healthy`, `replace`, `queue` or
    /// `allow`.
    #[schema(default = "skip")]
    overlap: Option<String>,
    /// How many runs may wait under `queue`.
    #[schema(default = 100)]
    queue_limit: Option<u32>,
    /// What happens to slots that nobody was there for.
    misfire: Option<Misfire>,
    /// Whether and how a run is tried again.
    retry: Option<Retry>,
    /// A run that has not started this long after its due moment is rejected.
    #[schema(example = "10m")]
    start_deadline: Option<String>,
    /// Which of several waiting runs goes first: 9 first.
    #[schema(minimum = 0, maximum = 9, default = 5)]
    priority: Option<u8>,
    /// How many runs of this job one node executes at a time.
    concurrency: Option<u32>,
    /// How long what its runs print is kept.
    log: Option<LogKeep>,
    /// Whether the rule makes slots.
    #[schema(default = true)]
    enabled: Option<bool>,
    /// Values for templates.
    params: Option<BTreeMap<String, String>>,
    /// For selecting jobs.
    labels: Option<BTreeMap<String, String>>,
    /// The alert channels of this job.
    alerts: Option<Vec<String>>,
}

/// What the processes of one run may use together. What is absent is not limited.
#[derive(ToSchema)]
pub(crate) struct Limits {
    /// Memory; a run that needs more is ended.
    #[schema(example = "512MiB")]
    memory: Option<String>,
    /// Processors: 0.5 is half of the time of one.
    #[schema(minimum = 0.01, example = 1.5)]
    cpu: Option<f64>,
    /// Processes and threads at a time.
    #[schema(minimum = 1)]
    processes: Option<u32>,
}

/// How long logs of one job are kept, by whichever limit comes first.
#[derive(ToSchema)]
pub(crate) struct LogKeep {
    /// So long after their runs were due, instead of the node's `retention.log_age`.
    #[schema(example = "3d")]
    keep: Option<String>,
    /// Those of so many newest runs, on each host.
    #[schema(minimum = 1)]
    last: Option<u32>,
}

/// What to do when clocks change.
#[derive(ToSchema)]
pub(crate) struct Dst {
    /// For moments that are skipped: `run_after`, `skip` or `shift`.
    gap: Option<String>,
    /// For moments that are repeated: `once` or `twice`.
    fold: Option<String>,
}

/// What is executed.
#[derive(ToSchema)]
pub(crate) struct JobCommand {
    /// A command line for the shell.
    #[schema(example = "backup.sh")]
    shell: Option<String>,
    /// What the command reads from its standard input.
    stdin: Option<String>,
    /// The user to run as.
    user: Option<String>,
    /// The working directory.
    cwd: Option<String>,
    /// Variables added to the clean environment.
    env: Option<BTreeMap<String, String>>,
    /// One HTTP request.
    http: Option<Http>,
    /// `true`: succeeds at once, for measuring.
    noop: Option<bool>,
}

/// One HTTP request.
#[derive(ToSchema)]
pub(crate) struct Http {
    /// The method.
    #[schema(default = "GET")]
    method: Option<String>,
    /// `http://…` or `https://…`.
    url: String,
    /// Header fields; `Idempotency-Key` is the run id unless it is set here.
    headers: Option<BTreeMap<String, String>>,
    /// The body.
    body: Option<String>,
    /// The codes that mean success, single ones or ranges.
    #[schema(example = json!(["200-299", "304"]))]
    expect_status: Option<Vec<String>>,
    /// How many redirects are followed.
    #[schema(default = 10)]
    max_redirects: Option<u8>,
    /// Whether the server's certificate is checked.
    #[schema(default = true)]
    verify_tls: Option<bool>,
    /// How long connecting may take.
    #[schema(default = "10s")]
    connect_timeout: Option<String>,
}

/// Which nodes fit: one of `node`, `group` and `labels`.
#[derive(ToSchema)]
pub(crate) struct Target {
    /// The node of this name.
    node: Option<String>,
    /// The nodes of this group.
    group: Option<String>,
    /// The nodes that have all these labels.
    labels: Option<BTreeMap<String, String>>,
    /// One run on every fitting node.
    #[schema(default = false)]
    broadcast: Option<bool>,
}

/// What happens to slots that nobody was there for.
#[derive(ToSchema)]
pub(crate) struct Misfire {
    /// Which of them run: `skip`, `latest` or `all`.
    #[schema(default = "latest")]
    policy: Option<String>,
    /// How old one may be to run.
    #[schema(default = "1h")]
    window: Option<String>,
    /// How many run at the most.
    #[schema(default = 10)]
    max: Option<u32>,
}

/// Whether and how a run is tried again.
#[derive(ToSchema)]
pub(crate) struct Retry {
    /// How many more tries there are after the first.
    #[schema(default = 0)]
    max: Option<u32>,
    /// The wait before the second try.
    #[schema(default = "10s")]
    delay: Option<String>,
    /// `fixed` or `exponential`.
    #[schema(default = "exponential")]
    backoff: Option<String>,
    /// The longest wait.
    #[schema(default = "10m")]
    max_delay: Option<String>,
    /// How far a wait may be shortened or lengthened, as a part of it.
    #[schema(minimum = 0, maximum = 1, default = 0)]
    jitter: Option<f64>,
    /// Which endings are tried again: `failed`, `timed_out`, `lost`, or exit codes.
    #[schema(example = json!(["failed", 75]))]
    on: Option<Vec<serde_json::Value>>,
}

/// A job as a node shows it: its definition, and what the node says of it.
#[derive(ToSchema)]
pub(crate) struct JobDocument {
    /// Its number.
    id: i64,
    /// Which edit this is.
    revision: i32,
    #[schema(inline)]
    #[serde(flatten)]
    definition: JobDefinition,
    /// Whether its rule makes slots now.
    active: bool,
    /// When it is due next.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// Why no node that lives fits its target; absent when one does.
    no_node: Option<String>,
    /// Set while it is paused.
    pause: Option<JobPause>,
    /// When it was added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// Who changed it last.
    updated_by: String,
    /// Whether it was deleted; among revisions only.
    deleted: Option<bool>,
    /// How it is doing, where that was asked for.
    status: Option<Status>,
}

/// Why a job makes no slots for a while.
#[derive(ToSchema)]
pub(crate) struct JobPause {
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// Until when; absent: until it is resumed.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Why.
    note: Option<String>,
    /// Who paused it.
    by: String,
}

/// A part of the list of jobs.
#[derive(ToSchema)]
pub(crate) struct JobListing {
    /// By name.
    items: Vec<JobDocument>,
    /// The cursor of the next page; null when there is none.
    next: Option<String>,
}

/// How a job is doing.
#[derive(ToSchema)]
pub(crate) struct Status {
    /// When it is due next.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// Its newest run.
    #[schema(format = "uuid")]
    last_run: Option<String>,
    /// When that was due.
    #[schema(format = DateTime)]
    last_at: Option<String>,
    /// How that is or ended.
    last_state: Option<String>,
    /// How many of its runs are not over.
    unfinished: u32,
    /// How many ended otherwise than well since the last success.
    consecutive_failures: u32,
    /// How many of its newest runs were looked at for the figures below.
    looked_at: u32,
    /// How many of those were missed.
    missed: u32,
    /// How many of those started late.
    late: u32,
    /// The median duration of those that succeeded, in milliseconds.
    p50_ms: Option<u64>,
    /// The 95th percentile of the same.
    p95_ms: Option<u64>,
}

/// Jobs as a document.
#[derive(ToSchema)]
pub(crate) struct JobList {
    /// The jobs.
    job: Vec<JobDefinition>,
}

/// What applying a document changes.
#[derive(ToSchema)]
pub(crate) struct Plan {
    /// Whether it was done; false for a dry run.
    applied: bool,
    /// The names of the jobs that are added.
    add: Vec<String>,
    /// The jobs that are changed.
    change: Vec<PlannedChange>,
    /// The names of the jobs that are deleted.
    remove: Vec<String>,
    /// How many jobs are as the document says.
    unchanged: u32,
}

/// A job that is changed.
#[derive(ToSchema)]
pub(crate) struct PlannedChange {
    /// Its name.
    name: String,
    /// Field by field.
    fields: Vec<PlannedField>,
}

/// A field that is changed.
#[derive(ToSchema)]
pub(crate) struct PlannedField {
    /// Its path, like `retry.max`.
    field: String,
    /// What it is; null: its default.
    from: serde_json::Value,
    /// What it becomes; null: its default.
    to: serde_json::Value,
}
