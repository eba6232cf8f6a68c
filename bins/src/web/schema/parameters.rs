//! Parameters in paths and queries.
#![allow(dead_code, reason = "only described, never made")]

use utoipa::IntoParams;

/// Names a job.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct JobPath {
    /// The job's id, or its name with `/` written `%2F`.
    #[param(example = "nightly-report")]
    job: String,
}

/// Names a run.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RunPath {
    /// The run's id.
    #[param(format = "uuid")]
    id: String,
}

/// Which jobs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobsQuery {
    /// Whose name contains this.
    name: Option<String>,
    /// Enabled and not paused, or not.
    active: Option<bool>,
    /// Whose target is this group.
    group: Option<String>,
    /// With this label: `name`, `value` or `name=value`.
    label: Option<String>,
    /// Add how each job is doing.
    status: Option<bool>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which runs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Of this job: an id or a name.
    job: Option<String>,
    /// In one of these states, separated by commas.
    #[param(example = "failed,timed_out,lost")]
    state: Option<String>,
    /// On this node.
    node: Option<String>,
    /// `schedule`, `manual`, `adhoc` or `retry`.
    trigger: Option<String>,
    /// Due at or after this instant.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Due before this instant.
    #[param(format = DateTime)]
    until: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which runs of a job.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// In one of these states, separated by commas.
    state: Option<String>,
    /// On this node.
    node: Option<String>,
    /// `schedule`, `manual`, `adhoc` or `retry`.
    trigger: Option<String>,
    /// Due at or after this instant.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Due before this instant.
    #[param(format = DateTime)]
    until: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// How many.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LimitQuery {
    /// At most this many; 100 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Which due moments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NextQuery {
    /// Strictly after this instant; now by default.
    #[param(format = DateTime)]
    from: Option<String>,
    /// This many; 5 by default.
    #[param(minimum = 1, maximum = 1000)]
    count: Option<u32>,
}

/// A rule, and which of its due moments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewQuery {
    /// The rule.
    #[param(example = "30 2 * * 1-5")]
    expression: String,
    /// The IANA zone it is written in; `UTC` by default.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// `unix` (0 and 7 are Sunday, the default) or `quartz` (1 is Sunday).
    dialect: Option<String>,
    /// `run_after`, `skip` or `shift`; Debian cron's way by default.
    gap: Option<String>,
    /// `once` or `twice`; Debian cron's way by default.
    fold: Option<String>,
    /// The job's name, from which `H` picks its values.
    name: Option<String>,
    /// Where `@every` counts from; 1970 by default.
    #[param(format = DateTime)]
    anchor: Option<String>,
    /// Strictly after this instant; now by default.
    #[param(format = DateTime)]
    from: Option<String>,
    /// This many; 5 by default.
    #[param(minimum = 1, maximum = 1000)]
    count: Option<u32>,
}

/// Which part of a log, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogQuery {
    /// From this chunk on; 0 by default.
    from: Option<u64>,
    /// As server-sent events until the run is over.
    follow: Option<bool>,
}

/// How documents are applied.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ApplyQuery {
    /// Only say what would be changed.
    dry_run: Option<bool>,
    /// Delete the jobs that the documents do not name.
    prune: Option<bool>,
}

/// How jobs are exported.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `toml` (the default), `yaml` or `json`.
    format: Option<String>,
}
