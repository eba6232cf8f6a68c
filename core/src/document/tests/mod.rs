//! Documents in three languages, and the jobs in them.

mod any_job;
mod checking;
mod comparing;
mod reading;
mod writing;

use crate::job::{Command, Definition, JobName};
use crate::time::Timestamp;

/// The moment all documents of these tests are entered.
fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn job(name: &str) -> Definition {
    Definition::new(JobName::new(name).unwrap(), Command::shell("true"))
}
