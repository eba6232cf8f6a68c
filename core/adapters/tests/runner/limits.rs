//! Runs with limits where nobody can keep them: they are not started. Limits that are kept need a machine of their own, see
//! `packaging/tests/machine`.

use std::path::Path;
use std::sync::Arc;

use cronbus_adapters::runner::{Groups, LocalRunner, ShimSettings};
use cronbus_core::job::{Command, Isolation, Job};
use cronbus_core::port::log::Stream;
use cronbus_core::run::{Ending, Outcome};
use cronbus_core::wire::Assignment;

use crate::harness::{Kept, LIMITS, assignment, begin_assigned, runner, runner_of, shell};

/// Runs a command of a job with a limit.
async fn run_limited(runner: LocalRunner, isolation: Option<Isolation>) -> (Outcome, Kept) {
    let plain = assignment(Command::Shell(shell("echo it ran")), &[]);
    let mut definition = (*plain.job.definition).clone();
    definition.limits.processes = Some(10);
    definition.isolation = isolation;
    let job = Job { definition: Arc::new(definition), ..(*plain.job).clone() };
    let limited = Arc::new(Assignment { job: Arc::new(job), ..(*plain).clone() });
    begin_assigned(&Arc::new(runner), limited, LIMITS).outcome().await
}

fn is_refused(outcome: &Outcome, kept: &Kept, why: &str) {
    let reason = &outcome.reason;
    assert_eq!((outcome.ending, outcome.exit_code, outcome.started_at), (Ending::Failed, None, None), "{reason}");
    assert!(reason.starts_with("could not be started: limits: ") && reason.contains(why), "{reason}");
    assert_eq!(kept.text(Stream::Stdout), "");
}

#[tokio::test]
async fn a_node_without_groups_does_not_start_them_whoever_supervises_by_default() {
    for (is_default, isolation) in
        [(true, None), (false, None), (false, Some(Isolation::Shim)), (false, Some(Isolation::Inline))]
    {
        let folder = tempfile::tempdir().unwrap();
        let shims = ShimSettings {
            executable: "/bin/false".into(),
            folder: folder.path().join("runs"),
            is_default,
            groups: Groups::none("it is a test"),
        };
        let runner = runner_of(Path::new("/bin/false"), Some(shims));
        let (outcome, kept) = run_limited(runner, isolation).await;
        is_refused(&outcome, &kept, "it is a test");
    }
}

#[tokio::test]
async fn a_node_without_supervisors_does_not_start_them() {
    for isolation in [None, Some(Isolation::Inline)] {
        let (outcome, kept) = run_limited(Arc::into_inner(runner()).unwrap(), isolation).await;
        is_refused(&outcome, &kept, "cronbus-shim");
    }
}
