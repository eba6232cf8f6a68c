//! What can go wrong with a throwaway server.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// A server could not be started, signalled or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not on this machine.
    #[error("`{program}` is not on this machine; install it with `apt-get install {package}`")]
    Missing {
        /// The program looked for.
        program: &'static str,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// A node ended that should have gone on.
    #[error(
        "the node `{node}` did not start: it ended with {how}; its log is {log}, and ends with:\n{tail}",
        log = log.display()
    )]
    NodeEnded {
        /// Its name.
        node: String,
        /// Its exit code, or the signal that ended it.
        how: ExitStatus,
        /// Its log, which is kept.
        log: PathBuf,
        /// The last lines of that.
        tail: String,
    },
    /// It ended or did not answer in time.
    #[error("{what} did not get ready within {seconds} s; its log is {log}, and ends with:\n{tail}", log = log.display())]
    NotReady {
        /// The server.
        what: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The last lines of that.
        tail: String,
    },
    /// One of the commands that prepare it failed.
    #[error("`{command}` failed: {output}")]
    Preparation {
        /// What was run.
        command: String,
        /// What it printed.
        output: String,
    },
    /// A file, a socket or a signal.
    #[error("{what}: {error}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: io::Error,
    },
}

impl Error {
    pub(crate) fn system(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::System { what, error }
    }
}
