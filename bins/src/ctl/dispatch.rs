//! From the words of the command line to the command.

use anyhow::{Context, Result};

use super::terminal::Terminal;
use super::{cluster, config, cron, import, job, run};
use crate::arguments::{Arguments, Command};
use crate::node;

/// Does what the command line says.
///
/// # Errors
/// Whatever the command could not do.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let mut terminal = Terminal::of_process();
    let terminal = &mut terminal;
    let outcome = match arguments.command {
        Command::Node(options) => {
            install_cryptography();
            node::run(*options)
        }
        Command::Job(command) => asking(of_jobs(command, terminal)),
        Command::Run(command) => asking(of_runs(command, terminal)),
        Command::Alert(command) => asking(command.run(terminal)),
        Command::Secret(command) => asking(command.run(terminal)),
        Command::Audit(command) => asking(command.run(terminal)),
        Command::Account(command) => asking(command.run(terminal)),
        Command::Nodes(command) => asking(command.run(terminal)),
        Command::Submit(options) => asking(options.run(terminal)),
        Command::Apply(options) => asking(options.run(terminal)),
        Command::Export(options) => asking(options.run(terminal)),
        Command::Import(import::Command::Crontab(options)) => asking(options.run(terminal)),
        Command::Import(import::Command::Gocron(options)) => asking(options.run(terminal)),
        Command::Cron(cron::Command::Explain(options)) => options.run(terminal),
        Command::Cluster(cluster::Command::Init(options)) => options.run(terminal),
        Command::Config(config::Command::Check(options)) => options.check(terminal),
        Command::Config(config::Command::Print(options)) => asking(options.print(terminal)),
        Command::Upgrade(options) => asking(options.run(terminal)),
        Command::Doctor(options) => asking(options.run(terminal)),
        Command::Migrate(options) => options.run(terminal),
        Command::Completions(options) => options.run(terminal),
        Command::Man(options) => options.run(terminal),
    };
    outcome.and(terminal.flush().map_err(Into::into))
}

async fn of_jobs(command: job::Command, terminal: &mut Terminal) -> Result<()> {
    match command {
        job::Command::Add(options) => options.run(terminal).await,
        job::Command::List(options) => options.run(terminal).await,
        job::Command::Show(options) => options.run(terminal).await,
        job::Command::Edit(options) => options.run(terminal).await,
        job::Command::Rm(options) => options.run(terminal).await,
        job::Command::Pause(options) => options.run(terminal).await,
        job::Command::Resume(options) => options.run(terminal).await,
        job::Command::Run(options) => options.run(terminal).await,
        job::Command::Next(options) => options.run(terminal).await,
        job::Command::History(options) => options.run(terminal).await,
        job::Command::Logs(options) => options.run(terminal).await,
    }
}

async fn of_runs(command: run::Command, terminal: &mut Terminal) -> Result<()> {
    match command {
        run::Command::List(options) => options.run(terminal).await,
        run::Command::Show(options) => options.run(terminal).await,
        run::Command::Logs(options) => options.run(terminal).await,
        run::Command::Kill(options) => options.run(terminal).await,
    }
}

/// Runs a command that asks a node, on this thread.
fn asking(command: impl Future<Output = Result<()>>) -> Result<()> {
    install_cryptography();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the command could not be started")?.block_on(command)
}

/// Says whose cryptography TLS uses, for the whole process.
fn install_cryptography() {
    // An error means that somebody said so already, which serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
}
