//! A sign of life while something takes long, on a terminal only.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(100);

/// Something that takes long.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Shows that `what` goes on, on the standard error where that is a terminal.
    pub(crate) fn start(what: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Takes the sign away.
    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}
