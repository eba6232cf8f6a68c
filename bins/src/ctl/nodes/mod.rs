//! `cronbus nodes …`.

mod drain;
mod list;

use anyhow::Result;
use clap::Subcommand;

use super::terminal::Terminal;

/// The commands for nodes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the living nodes
    List(list::Options),
    /// Make a node take no new work; what it runs goes on
    Drain(drain::DrainOptions),
    /// Make a node take work again
    Undrain(drain::Named),
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses; when a node that is drained still runs something when the time is over.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::List(options) => options.run(terminal).await,
            Self::Drain(options) => options.run(terminal).await,
            Self::Undrain(named) => named.undrain(terminal).await,
        }
    }
}
