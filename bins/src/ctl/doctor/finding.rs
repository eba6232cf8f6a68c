//! What was found, and how it is told.

use comfy_table::Color;
use serde::Serialize;

use crate::ctl::terminal::{Terminal, harmless};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// A node works, less well or for less long than it could.
    Warn,
    /// A node does not start, or does not do what it is there for.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) check: &'static str,
    /// How it is.
    pub(super) level: Level,
    /// What was seen.
    pub(super) detail: String,
    /// What to do; absent where nothing has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, detail: detail.into(), advice: None }
    }

    /// A node would work less well.
    pub(super) fn warn(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Warn, detail: detail.into(), advice: Some(advice.into()) }
    }

    /// A node would not work.
    pub(super) fn fail(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Fail, detail: detail.into(), advice: Some(advice.into()) }
    }

    /// Writes it as one line, and one for the advice.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(super) fn write(&self, terminal: &mut Terminal) -> std::io::Result<()> {
        let (word, colour) = match self.level {
            Level::Ok => ("OK  ", Color::Green),
            Level::Warn => ("WARN", Color::Yellow),
            Level::Fail => ("FAIL", Color::Red),
        };
        let word = terminal.paint(colour, word);
        terminal.line(format!("{word}  {:<14} {}", self.check, harmless(&self.detail)))?;
        self.advice.iter().try_for_each(|advice| terminal.line(format!("{:21}→ {}", "", harmless(advice))))
    }
}
