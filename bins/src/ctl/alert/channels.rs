//! `cronbus alert channels`.

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;

use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::alert_acts::ChannelView;
use crate::web::view::Listing;

/// How to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Lists the channels of the node that is asked.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let channels: Listing<ChannelView> = client.get("/api/v1/channels", &[]).await?;
        if self.json {
            terminal.json(&channels.items)?;
            return Ok(());
        }
        if channels.items.is_empty() {
            terminal.line("this node has no channels: write [alerts.channel.NAME] into its configuration")?;
            return Ok(());
        }
        Ok(table::write(terminal, &["NAME", "KIND", "TO"], channels.items.iter().map(row))?)
    }
}

fn row(channel: &ChannelView) -> Vec<Cell> {
    vec![table::text(&channel.name), table::text(&channel.kind), table::text(channel.leads_to())]
}
