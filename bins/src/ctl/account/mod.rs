//! `cronbus account …`: who may sign in, what programs may show, and what each may do.

mod setup_link;
mod token;
mod user;

use anyhow::Result;
use clap::Subcommand;

use super::terminal::Terminal;

/// The commands for accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add, list, change and delete users
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Make a link by which the first administrator is made
    SetupLink(setup_link::Options),
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::User(command) => command.run(terminal).await,
            Self::Token(command) => command.run(terminal).await,
            Self::SetupLink(options) => options.run(terminal).await,
        }
    }
}
