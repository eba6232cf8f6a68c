//! What a status word of wait(2) means for a run.

use cronbus_core::run::{Ending, Usage};
use nix::libc::{WEXITSTATUS, WIFEXITED, WTERMSIG};
use nix::sys::signal::Signal;

use super::native::Waited;

/// How a process ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Success is exit code 0, whatever was printed.
    pub ending: Ending,
    /// Its exit code, if it exited.
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// What the number means, where that is known.
    pub reason: String,
}

impl Verdict {
    /// On what has no process, or none that could be waited for.
    pub(super) const fn without_process(ending: Ending, reason: String) -> Self {
        Self { ending, exit_code: None, signal: None, reason }
    }

    /// Reads the status word.
    pub(super) fn of(status: i32) -> Self {
        if WIFEXITED(status) {
            let code = WEXITSTATUS(status);
            let ending = if code == 0 { Ending::Succeeded } else { Ending::Failed };
            return Self { ending, exit_code: Some(code), signal: None, reason: meaning(code) };
        }
        let number = WTERMSIG(status);
        let reason = match Signal::try_from(number) {
            Ok(Signal::SIGKILL) => {
                "ended by SIGKILL that cronbus did not send: see `dmesg` for the out-of-memory killer".to_owned()
            }
            Ok(signal) => format!("ended by {signal} that cronbus did not send"),
            Err(_) => format!("ended by signal {number} that cronbus did not send"),
        };
        Self { ending: Ending::Failed, exit_code: None, signal: Some(number), reason }
    }
}

/// The exit codes that shells give a meaning (sh(1p), "Exit Status for Commands").
fn meaning(code: i32) -> String {
    match code {
        126 => "exit code 126: the command was found but could not be executed".to_owned(),
        127 => "exit code 127: the command was not found; write its whole path, or set PATH in `env`".to_owned(),
        129..=192 => match Signal::try_from(code - 128) {
            Ok(signal) => format!("exit code {code}: the shell's way to say that its command was ended by {signal}"),
            Err(_) => String::new(),
        },
        _ => String::new(),
    }
}

/// What the process used.
pub(super) const fn usage(waited: &Waited) -> Usage {
    Usage {
        user_ms: waited.user_ms,
        system_ms: waited.system_ms,
        max_rss_bytes: waited.max_rss_kib.saturating_mul(1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_are_read() {
        for (status, ending, exit_code, signal, part) in [
            (0, Ending::Succeeded, Some(0), None, ""),
            (3 << 8, Ending::Failed, Some(3), None, ""),
            (126 << 8, Ending::Failed, Some(126), None, "could not be executed"),
            (127 << 8, Ending::Failed, Some(127), None, "not found"),
            (143 << 8, Ending::Failed, Some(143), None, "SIGTERM"),
            (200 << 8, Ending::Failed, Some(200), None, ""),
            (9, Ending::Failed, None, Some(9), "out-of-memory"),
            (11 | 128, Ending::Failed, None, Some(11), "SIGSEGV"),
            (40, Ending::Failed, None, Some(40), "signal 40"),
        ] {
            let verdict = Verdict::of(status);
            assert_eq!((verdict.ending, verdict.exit_code, verdict.signal), (ending, exit_code, signal), "{status}");
            assert!(verdict.reason.contains(part) && verdict.reason.is_empty() == part.is_empty(), "{verdict:?}");
        }
    }
}
