//! The resources under `/api/v1`, one file each.

pub(crate) mod alerts;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod channels;
pub(crate) mod definition;
pub(crate) mod executor;
pub(crate) mod job;
pub(crate) mod job_actions;
pub(crate) mod jobs;
pub(crate) mod log_search;
pub(crate) mod nodes;
pub(crate) mod run_log;
pub(crate) mod runs;
pub(crate) mod schedule;
pub(crate) mod secrets;
pub(crate) mod silences;
pub(crate) mod tokens;
pub(crate) mod users;
