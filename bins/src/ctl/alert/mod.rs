//! `cronbus alert …`: over what people are told.

mod channels;
mod test;

use anyhow::Result;
use clap::Subcommand;

use super::terminal::Terminal;

/// The commands for alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the channels over which people are told
    Channels(channels::Options),
    /// Send a test message over a channel, and show what the other end answered
    Test(test::Options),
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::Channels(options) => options.run(terminal).await,
            Self::Test(options) => options.run(terminal).await,
        }
    }
}
