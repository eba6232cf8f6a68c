//! `cronbus alert …`: what is wrong, who was told, over what, and what nobody wants to hear of.

mod acknowledge;
mod channels;
mod deliveries;
mod history;
mod list;
mod silence;
mod test;

use anyhow::Result;
use clap::Subcommand;

use super::terminal::Terminal;

/// The commands for alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what is wrong now
    List(list::Options),
    /// List what happened
    History(history::Options),
    /// List what was told, and what is on its way
    Deliveries(deliveries::Options),
    /// Say that you look after something, so that nobody else is told
    Ack(acknowledge::Options),
    /// Have nobody told of something for a while
    #[command(subcommand)]
    Silence(silence::Command),
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
            Self::List(options) => options.run(terminal).await,
            Self::History(options) => options.run(terminal).await,
            Self::Deliveries(options) => options.run(terminal).await,
            Self::Ack(options) => options.run(terminal).await,
            Self::Silence(command) => command.run(terminal).await,
            Self::Channels(options) => options.run(terminal).await,
            Self::Test(options) => options.run(terminal).await,
        }
    }
}
