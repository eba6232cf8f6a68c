//! Runs: the list, one run with its log, killing it and running it again.

pub(crate) mod actions;
mod late;
pub(crate) mod list;
pub(crate) mod log;
mod plain;
pub(crate) mod run;
mod timeline;
