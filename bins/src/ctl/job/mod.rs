//! `cronbus job …`: one file for each command.

pub(crate) mod add;
pub(crate) mod edit;
pub(crate) mod fields;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod next;
pub(crate) mod pause;
pub(crate) mod remove;
pub(crate) mod run;
pub(crate) mod show;

use clap::Subcommand;

/// The commands for jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a job, from flags or from a file
    Add(Box<add::Options>),
    /// List the jobs
    List(list::Options),
    /// Show one job: its definition and how it is doing
    Show(show::Options),
    /// Change a job: in $EDITOR, by --set, or from a file
    Edit(edit::Options),
    /// Delete jobs; their history stays
    Rm(remove::Options),
    /// Make a job's rule hold still until it is resumed
    Pause(pause::PauseOptions),
    /// End a pause
    Resume(pause::ResumeOptions),
    /// Run a job now
    Run(run::Options),
    /// Show when a job is due next
    Next(next::Options),
    /// List the runs of a job, newest first
    History(super::run::list::HistoryOptions),
    /// Look for a text in what its newest runs printed
    Logs(logs::Options),
}
