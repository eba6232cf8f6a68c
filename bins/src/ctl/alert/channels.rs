//! `cronbus alert channels`.

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;

use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::table::{self, Rows};
use crate::ctl::terminal::Terminal;
use crate::web::api::channels::ChannelView;
use crate::web::view::Listing;

/// Keys that say where a channel leads, the first that there is.
const LEADS_TO: [&str; 4] = ["to", "url", "url_file", "host"];

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
        let mut rows = Rows::new(terminal, &["NAME", "KIND", "TO"]);
        channels.items.iter().for_each(|channel| rows.push(row(channel)));
        rows.write(terminal)?;
        Ok(())
    }
}

fn row(channel: &ChannelView) -> Vec<Cell> {
    let value =
        |key: &&str| channel.settings.iter().find(|setting| setting.key == **key).map(|setting| &*setting.value);
    let to = LEADS_TO.iter().find_map(value).unwrap_or_default();
    vec![table::text(&channel.name), table::text(&channel.kind), table::text(to)]
}
