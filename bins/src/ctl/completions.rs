//! `cronbus completions`.

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::terminal::Terminal;
use crate::arguments::Arguments;

/// For which shell.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

impl Options {
    /// Writes the completions; each shell's manual says where to put them.
    ///
    /// # Errors
    /// When nobody reads them.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "cronbus", &mut script);
        terminal.bytes(&script)?;
        Ok(())
    }
}
