//! `cronbus alert deliveries`.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};
use cronbus_core::time::Timestamp;

use super::list::ago;
use crate::ctl::list::{List, Wanted, given};
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::alert_view::DeliveryView;

/// Which messages, and how to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Over this channel
    #[arg(long)]
    channel: Option<String>,
    /// That have come so far: waiting, delivered, refused or gave_up
    #[arg(long)]
    progress: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
}

impl Options {
    /// Lists messages on their way and those that have arrived, the newest first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let query = given([("channel", self.channel), ("progress", self.progress)]);
        let list = List {
            path: "/api/v1/alerts/deliveries",
            columns: &["SINCE", "CHANNEL", "PROGRESS", "TRIES", "WHAT", "ANSWER"],
            row,
            none: "nothing that fits was told, or is to be told",
        };
        self.wanted.show(&list, query, terminal).await
    }
}

fn row(delivery: &DeliveryView, now: Timestamp) -> Vec<Cell> {
    let colour = match delivery.progress.as_str() {
        "delivered" => Color::Green,
        "waiting" => Color::Yellow,
        _ => Color::Red,
    };
    vec![
        table::text(&ago(&delivery.created_at, now)),
        table::text(&delivery.channel),
        Cell::new(&delivery.progress).fg(colour),
        Cell::new(delivery.tries),
        table::text(&delivery.title),
        table::text(&delivery.detail),
    ]
}
