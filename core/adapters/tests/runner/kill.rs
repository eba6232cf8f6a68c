//! Ending runs: what is asked, what resists, and what must not be left.

use std::time::Duration;

use cronbus_core::job::Command;
use cronbus_core::port::log::Stream;
use cronbus_core::port::runner::Stop;
use cronbus_core::run::Ending;

use crate::harness::{LIMITS, Limits, begin, processes_of, runner, shell};

const SHORT_GRACE: Limits = Limits { grace: Duration::from_millis(200), ..LIMITS };

/// Starts a command that prints `ready`, ends it, and looks that nothing is left.
async fn end(line: &str, limits: Limits, stop: Stop) -> (cronbus_core::run::Outcome, String) {
    let running = begin(&runner(), Command::Shell(shell(line)), limits);
    let run = running.run;
    running.printed("ready").await;
    running.stop.send(stop).unwrap();
    let (outcome, kept) = running.outcome().await;
    assert_eq!(processes_of(run), [0_u32; 0], "{line}");
    assert!(outcome.reason.contains("nothing left of process group"), "{}", outcome.reason);
    assert!(kept.text(Stream::System).contains(&outcome.reason));
    (outcome, kept.text(Stream::Stdout))
}

#[tokio::test]
async fn term_is_enough_for_most() {
    let (outcome, _) = end("echo ready; exec sleep 1000", LIMITS, Stop::Kill).await;
    assert_eq!((outcome.ending, outcome.signal), (Ending::Killed, Some(15)));
    assert!(outcome.reason.starts_with("killed: SIGTERM, ended after "), "{}", outcome.reason);
}

#[tokio::test]
async fn a_handler_has_its_grace_and_its_last_words() {
    let line = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.02; done";
    let (outcome, text) = end(line, LIMITS, Stop::TimedOut).await;
    assert_eq!((outcome.ending, outcome.exit_code), (Ending::TimedOut, Some(7)));
    assert!(outcome.reason.starts_with("timed out: SIGTERM"), "{}", outcome.reason);
    assert!(text.ends_with("bye\n"), "{text}");
}

#[tokio::test]
async fn who_ignores_term_is_killed_after_the_grace() {
    let line = "trap '' TERM; sleep 1000 & sleep 1000 & echo ready; wait; sleep 1000";
    let (outcome, _) = end(line, SHORT_GRACE, Stop::TimedOut).await;
    assert_eq!((outcome.ending, outcome.signal), (Ending::TimedOut, Some(9)));
    assert!(outcome.reason.starts_with("timed out: SIGKILL, ended after "), "{}", outcome.reason);
}

#[tokio::test]
async fn kill_now_has_no_grace() {
    let (outcome, text) = end("trap 'echo bye' TERM; echo ready; sleep 1000; sleep 1000", LIMITS, Stop::KillNow).await;
    assert_eq!((outcome.ending, outcome.signal), (Ending::Killed, Some(9)));
    assert!(!text.contains("bye"));
}

#[tokio::test]
async fn grandchildren_are_reached_wherever_they_went() {
    for line in [
        // In the group, after the leader has gone.
        "(trap '' TERM; sleep 1000 & wait) & echo ready; exec sleep 1000",
        // In a group of its own, in the session.
        "set -m; (trap '' TERM; while :; do sleep 1000; done) & echo ready; wait",
        // In a session of its own, its parent gone.
        "(setsid sh -c 'trap \"\" TERM; while :; do sleep 1000; done' &) ; echo ready; exec sleep 1000",
        // Stopped.
        "sh -c 'kill -STOP $$; sleep 1000' & echo ready; wait",
    ] {
        let (outcome, _) = end(line, SHORT_GRACE, Stop::Kill).await;
        assert_eq!(outcome.ending, Ending::Killed);
    }
}

#[tokio::test]
async fn the_grace_ends_early_when_somebody_is_in_a_hurry() {
    let running = begin(&runner(), Command::Shell(shell("trap '' TERM; echo ready; sleep 1000; sleep 1000")), LIMITS);
    running.printed("ready").await;
    running.stop.send(Stop::TimedOut).unwrap();
    tokio::task::yield_now().await;
    running.stop.send(Stop::KillNow).unwrap();
    let (outcome, _) = running.outcome().await;
    assert!(matches!(outcome.ending, Ending::TimedOut | Ending::Killed));
    assert_eq!(outcome.signal, Some(9));
}

#[tokio::test]
async fn a_run_stopped_before_it_starts_does_not_start() {
    let runner = runner();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("started");
    let mut running = begin(&runner, Command::Shell(shell(&format!("touch {}", file.display()))), LIMITS);
    // The test runtime has one thread: the run has not begun yet.
    running.stop.send(Stop::Kill).unwrap();
    assert!(running.started.recv().await.is_none());
    let (outcome, _) = running.outcome().await;
    assert_eq!((outcome.ending, outcome.started_at), (Ending::Killed, None));
    assert!(!file.exists());
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_any_more_is_ended() {
    let running = begin(&runner(), Command::Shell(shell("echo ready; sleep 1000")), LIMITS);
    running.printed("ready").await;
    running.outcome.abort();
    crate::harness::eventually("the processes end", || processes_of(running.run).is_empty()).await;
}
