//! Waiting for a run's end, whoever is asked about it, and what a command that waited ends with.

use std::time::Duration;

use anyhow::Result;
use cronbus_core::dispatch::Awaited;
use cronbus_core::run::State;
use tokio::time::sleep;

use crate::ctl::exit::AnswerIsNo;
use crate::ctl::terminal::{Terminal, harmless};
use crate::web::view::RunView;

/// The first pause between two looks; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// From this pause on, people are told what the run waits for: most wait for less.
const TELLING_PAUSE: Duration = Duration::from_millis(500);

/// The run as it is when it is over. What it waits for meanwhile is said beside the answer, once for each reason.
///
/// # Errors
/// Those of `look`.
pub(crate) async fn until_over(mut look: impl AsyncFnMut() -> Result<RunView>, terminal: &Terminal) -> Result<RunView> {
    let (mut pause, mut told) = (FIRST_PAUSE, None);
    loop {
        let view = look().await?;
        if view.state.is_terminal() {
            return Ok(view);
        }
        let waits = view.waiting_for.filter(|_| pause >= TELLING_PAUSE);
        if let Some(waits) = waits.filter(|waits| told.as_ref() != Some(&waits.detail)) {
            terminal.note(format_args!("the run waits: {}", harmless(&waits.detail)));
            told = Some(waits.detail);
        }
        sleep(pause).await;
        pause = (pause + pause / 2).min(LONGEST_PAUSE);
    }
}

/// Says that a run that was just asked for finds no node, which nobody who does not wait for it would learn.
pub(crate) fn warn(run: &RunView, terminal: &Terminal) {
    if let Some(waits) = run.waiting_for.as_ref().filter(|waits| waits.what == Awaited::Node) {
        terminal.note(format_args!("the run waits: {}", harmless(&waits.detail)));
    }
}

/// What came of a run that is over.
///
/// # Errors
/// [`AnswerIsNo`] when it did not succeed; the terminal says how it ended.
pub(crate) fn verdict(run: &RunView, terminal: &mut Terminal) -> Result<()> {
    if run.state == State::Succeeded {
        return Ok(());
    }
    let (state, reason) = (run.state, &run.reason);
    let ended = ended(state);
    terminal.note(match (run.exit_code.filter(|_| state == State::Failed), reason.as_str()) {
        // What else its reason says is why it was there at all.
        (Some(code), _) => format!("the run {ended}: exit code {code}"),
        (None, "") => format!("the run {ended}"),
        (None, reason) => format!("the run {ended}: {reason}"),
    });
    Err(AnswerIsNo.into())
}

/// What a run that is in this state did, behind "the run".
const fn ended(state: State) -> &'static str {
    match state {
        State::Created | State::Assigned | State::Running => "goes on",
        State::Succeeded => "succeeded",
        State::Failed => "failed",
        State::TimedOut => "timed out",
        State::Killed => "was killed",
        State::Lost => "was lost",
        State::Skipped => "was skipped",
        State::Missed => "was missed",
        State::Rejected => "was rejected",
    }
}
