//! The shapes of the REST interface as OpenAPI describes them.
//!
//! The vocabulary lives in a crate that knows nothing of OpenAPI, so its types are described here once more. Nothing
//! is ever made of these types; tests hold each of them, field by field, to the type that is really sent or read.

mod job;
mod parameters;
mod run;

pub(crate) use job::{
    Dst, Http, JobCommand, JobDefinition, JobDocument, JobList, JobListing, JobPause, Limits, LogKeep, Misfire, Plan,
    PlannedChange, PlannedField, Retry, Status, Target,
};
pub(crate) use parameters::{
    ApplyQuery, ExportQuery, HistoryQuery, JobPath, JobsQuery, LimitQuery, LogQuery, NextQuery, PreviewQuery, RunPath,
    RunsQuery,
};
pub(crate) use run::{
    Alive, Killed, Log, LogChunk, Node, NodeListing, Output, PartState, Readiness, Run, RunListing, Setting,
    SettingListing, Submitted, Usage,
};

#[cfg(test)]
mod tests;
