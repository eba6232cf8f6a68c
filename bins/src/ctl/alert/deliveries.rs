//! `cronbus alert deliveries`.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};

use super::list::ago;
use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::pages::{Pages, TABLE_ROWS, write_json};
use crate::ctl::table::{self, Rows};
use crate::ctl::terminal::Terminal;
use crate::web::alert_view::DeliveryView;

const PATH: &str = "/api/v1/alerts/deliveries";

/// Which messages, and how to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Over this channel
    #[arg(long)]
    channel: Option<String>,
    /// That have come so far: waiting, delivered, refused or gave_up
    #[arg(long)]
    progress: Option<String>,
    /// At most this many
    #[arg(long)]
    limit: Option<usize>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Lists messages on their way and those that have arrived, the newest first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let filter = [("channel", self.channel), ("progress", self.progress)];
        let query: Vec<_> = filter.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut pages = Pages::new(&client, PATH, query, self.limit.unwrap_or(TABLE_ROWS));
        if self.json {
            return write_json::<DeliveryView>(pages, terminal).await;
        }
        let mut rows = Rows::new(terminal, &["SINCE", "CHANNEL", "PROGRESS", "TRIES", "WHAT", "ANSWER"]);
        while let Some(deliveries) = pages.next::<DeliveryView>().await? {
            deliveries.iter().for_each(|delivery| rows.push(row(delivery)));
        }
        rows.write(terminal)?;
        Ok(())
    }
}

fn row(delivery: &DeliveryView) -> Vec<Cell> {
    let colour = match delivery.progress.as_str() {
        "delivered" => Color::Green,
        "waiting" => Color::Yellow,
        _ => Color::Red,
    };
    vec![
        table::text(&ago(&delivery.created_at)),
        table::text(&delivery.channel),
        Cell::new(&delivery.progress).fg(colour),
        Cell::new(delivery.tries),
        table::text(&delivery.title),
        table::text(&delivery.detail),
    ]
}
