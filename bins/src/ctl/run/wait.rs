//! Waiting for a run's end, whoever is asked about it, and what a command that waited ends with.

use std::time::Duration;

use anyhow::Result;
use cronbus_core::run::State;
use tokio::time::sleep;

use crate::ctl::exit::AnswerIsNo;
use crate::ctl::terminal::Terminal;
use crate::web::view::RunView;

/// The first pause between two looks; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The run as it is when it is over.
///
/// # Errors
/// Those of `look`.
pub(crate) async fn until_over(mut look: impl AsyncFnMut() -> Result<RunView>) -> Result<RunView> {
    let mut pause = FIRST_PAUSE;
    loop {
        let view = look().await?;
        if view.state.is_terminal() {
            return Ok(view);
        }
        sleep(pause).await;
        pause = (pause + pause / 2).min(LONGEST_PAUSE);
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
    terminal.note(match (run.exit_code.filter(|_| state == State::Failed), reason.as_str()) {
        // What else its reason says is why it was there at all.
        (Some(code), _) => format!("the run {state}: exit code {code}"),
        (None, "") => format!("the run {state}"),
        (None, reason) => format!("the run {state}: {reason}"),
    });
    Err(AnswerIsNo.into())
}
