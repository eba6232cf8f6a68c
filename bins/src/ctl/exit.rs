//! How a command ends: 0 done, 1 failed, 2 wrong usage.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// The command was given something that it cannot mean. Ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongUsage(pub(crate) String);

/// The command did what it should and the answer is no: there is nothing more to say. Ends with exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("the answer is no")]
pub(crate) struct AnswerIsNo;

/// The exit code of an outcome; what went wrong is told on the standard error.
pub(crate) fn code_of(outcome: anyhow::Result<()>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // Whoever reads us has seen enough (`cronbus run list | head`).
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    if error.downcast_ref::<AnswerIsNo>().is_none() {
        complain(&format_args!("{error:#}"));
    }
    ExitCode::from(if error.downcast_ref::<WrongUsage>().is_some() { 2 } else { 1 })
}

/// Tells what went wrong on the standard error.
pub(crate) fn complain(what: &dyn Display) {
    drop(writeln!(io::stderr(), "error: {what}"));
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let io = cause.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
