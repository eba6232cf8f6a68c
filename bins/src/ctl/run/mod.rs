//! `cronbus run …`: one file for each command.

pub(crate) mod kill;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod show;
pub(crate) mod wait;

use clap::Subcommand;

/// The commands for runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List runs, newest first
    List(list::Options),
    /// Show one run
    Show(show::Options),
    /// Write what a run printed
    Logs(logs::Options),
    /// End runs: TERM, grace, KILL
    Kill(kill::Options),
}
