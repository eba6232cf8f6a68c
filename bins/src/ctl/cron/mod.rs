//! `cronbus cron …`: rules without any job. No node is asked.

pub(crate) mod explain;
pub(crate) mod show;

use clap::Subcommand;

/// The commands for rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what a rule means and when it is due next
    Explain(explain::Options),
}
