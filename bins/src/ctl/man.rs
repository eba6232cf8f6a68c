//! `cronbus man`: the manual pages, made of the same words as `--help`. What the words mean at length is in the
//! documentation.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use cronbus_core::time::Timestamp;

use super::terminal::Terminal;
use crate::arguments::Arguments;

/// Where the pages go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder, like /usr/local/share/man/man1; it is made where it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Options {
    /// Writes a page for each command, `cronbus-job-add.1` for `cronbus job add`, and tells how many.
    ///
    /// # Errors
    /// When a page cannot be written.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<()> {
        let folder = &self.folder;
        std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
        let mut root = Arguments::command().disable_help_subcommand(true);
        root.build();
        let pages = write(&root, folder, &day())?;
        terminal.line(format!("{pages} pages in {}", folder.display()))?;
        Ok(())
    }
}

/// Writes the page of a command and those of the commands below it; returns how many.
fn write(command: &Command, folder: &Path, day: &str) -> Result<usize> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    let told = || format!("{} could not be written", path.display());
    let man = Man::new(command.clone()).title(name.to_uppercase()).date(day).source(SOURCE).manual(MANUAL);
    man.render(&mut page)?;
    // An empty line between two breaks is a paragraph, and formatters want it called so.
    let page = String::from_utf8(page)?.replace("\n.br\n\n.br\n", "\n.sp\n");
    std::fs::write(&path, page).with_context(told)?;
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    below.map(|below| write(below, folder, day)).try_fold(1, |sum, pages| Ok(sum + pages?))
}

/// What the pages are of.
const SOURCE: &str = concat!("cronbus ", env!("CARGO_PKG_VERSION"));

/// The title of the manual.
const MANUAL: &str = "cronbus";

/// The day that the pages are of: that of `SOURCE_DATE_EPOCH`, where who builds packages says one, or today.
fn day() -> String {
    let told = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let at = told.map_or_else(super::now, Timestamp::from_seconds);
    at.to_jiff().strftime("%Y-%m-%d").to_string()
}
