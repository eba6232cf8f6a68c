//! The words of the command line. What each of them does is in [`crate::ctl`], one file for each command.

use clap::{Parser, Subcommand};

use crate::{ctl, node};

/// Runs jobs when they are due, and answers what ran, what did not, and why.
#[derive(Debug, Parser)]
#[command(
    name = "cronbus",
    version,
    about,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Start with `cronbus node`, then try `cronbus job list` and `cronbus run list` beside it.\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a node: the service that runs the jobs
    Node(Box<node::Options>),
    /// Add, show, change, run and remove jobs
    #[command(subcommand)]
    Job(ctl::job::Command),
    /// Look at runs and their logs, and kill them
    #[command(subcommand)]
    Run(ctl::run::Command),
    /// Look at what is wrong and who was told, silence it, and try the channels
    #[command(subcommand)]
    Alert(ctl::alert::Command),
    /// Set the secrets that jobs name, and see which there are
    #[command(subcommand)]
    Secret(ctl::secret::Command),
    /// Look at who did what
    #[command(subcommand)]
    Audit(ctl::audit::Command),
    /// Say who may sign in and what programs may show, and what each may do
    #[command(subcommand)]
    Account(ctl::account::Command),
    /// Look at the living nodes, and make them take work or not
    #[command(subcommand)]
    Nodes(ctl::nodes::Command),
    /// Run a job or a command now, asked for over NATS
    Submit(Box<ctl::submit::Options>),
    /// Make the jobs what a document says
    Apply(ctl::apply::Options),
    /// Write all jobs as a document that `apply` takes
    Export(ctl::export::Options),
    /// Make jobs of what other programs have
    #[command(subcommand)]
    Import(ctl::import::Command),
    /// Say what a rule means and when it is due next
    #[command(subcommand)]
    Cron(ctl::cron::Command),
    /// Make what the nodes of a cluster share
    #[command(subcommand)]
    Cluster(ctl::cluster::Command),
    /// Check and show the configuration of a node
    #[command(subcommand)]
    Config(ctl::config::Command),
    /// Look for what keeps a node on this machine from working well, and say what to do
    Doctor(ctl::doctor::Options),
    /// Have the node of this machine go on in a process of the executable that is there now
    Upgrade(ctl::upgrade::Options),
    /// Bring the database to the schema of this version
    Migrate(ctl::migrate::Options),
    /// Write the completions of a shell to the standard output
    Completions(ctl::completions::Options),
    /// Write the manual, a page for each command, to a folder
    Man(ctl::man::Options),
}
