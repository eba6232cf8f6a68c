//! Waiting for the word that a run shall end.

use cronbus_core::port::runner::Stop;
use cronbus_core::run::Ending;
use tokio::sync::watch;

/// Returns once the run shall end, and why; never, when nobody can say so any more. Cancel safe.
pub(super) async fn asked(stop: &mut watch::Receiver<Stop>) -> Stop {
    let said = stop.wait_for(|stop| *stop != Stop::No).await.map(|stop| *stop);
    match said {
        Ok(why) => why,
        Err(_) => std::future::pending().await,
    }
}

/// Returns once the run shall end without grace.
pub(super) async fn hurried(stop: &mut watch::Receiver<Stop>) {
    let said = stop.wait_for(|stop| *stop == Stop::KillNow).await.map(drop);
    if said.is_err() {
        std::future::pending().await
    }
}

/// How a run that was stopped ends, and the word for it.
pub(super) const fn ending(why: Stop) -> (Ending, &'static str) {
    match why {
        Stop::TimedOut => (Ending::TimedOut, "timed out"),
        Stop::No | Stop::Kill | Stop::KillNow => (Ending::Killed, "killed"),
    }
}
