//! Asking for what nobody shall read: at a terminal without showing it, twice; otherwise from the standard input. Never from an
//! argument, which others on the machine could read.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

/// Much longer than a password may be.
const LONGEST_LINE: u64 = 4096;

/// A password: what is typed, or the first line of the standard input.
///
/// # Errors
/// When there is none, or the two are not the same.
pub(crate) fn password(name: &str) -> Result<String> {
    if io::stdin().is_terminal() { typed(&format!("Password for {name}: ")) } else { line() }
}

/// What is typed at the terminal, one line.
///
/// # Errors
/// When there is nothing, or the two are not the same.
pub(crate) fn typed(prompt: &str) -> Result<String> {
    let _hidden = Hidden::begin()?;
    let first = prompted(prompt)?;
    if prompted("The same again: ")? != first {
        bail!("the two are not the same: nothing was changed");
    }
    Ok(first)
}

fn prompted(prompt: &str) -> Result<String> {
    let mut out = io::stderr();
    out.write_all(prompt.as_bytes())?;
    out.flush()?;
    let line = line();
    out.write_all(b"\n")?;
    line
}

fn line() -> Result<String> {
    let mut line = String::new();
    let mut stdin = io::Read::take(io::stdin().lock(), LONGEST_LINE);
    stdin.read_line(&mut line).context("the standard input could not be read")?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() {
        bail!("nothing was given: write it on the first line of the standard input");
    }
    Ok(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> Result<Self> {
        let before = tcgetattr(io::stdin()).context("the terminal could not be asked")?;
        let mut hidden = before.clone();
        hidden.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &hidden).context("the terminal could not be set up")?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.0) {
            tracing::warn!(%error, "the terminal may not show what is typed: `stty echo` mends that");
        }
    }
}
