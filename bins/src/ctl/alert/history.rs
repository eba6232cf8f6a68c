//! `cronbus alert history`.

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;

use super::list::{colour, subject};
use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::pages::{Pages, TABLE_ROWS, write_json};
use crate::ctl::table::{self, Rows};
use crate::ctl::terminal::Terminal;
use crate::web::alert_view::EventView;

const PATH: &str = "/api/v1/alerts/history";

/// Which events, and how to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Of this job: an id or a name
    #[arg(long)]
    job: Option<String>,
    /// Of this kind, like failed or node_lost
    #[arg(long)]
    kind: Option<String>,
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
    /// Lists what happened, the newest first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let filter = [("job", self.job), ("kind", self.kind)];
        let query: Vec<_> = filter.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut pages = Pages::new(&client, PATH, query, self.limit.unwrap_or(TABLE_ROWS));
        if self.json {
            return write_json::<EventView>(pages, terminal).await;
        }
        let mut rows = Rows::new(terminal, &["AT", "WHAT", "TO", "RUN", "WHY"]);
        while let Some(events) = pages.next::<EventView>().await? {
            events.iter().for_each(|event| rows.push(row(event)));
        }
        rows.write(terminal)?;
        Ok(())
    }
}

fn row(event: &EventView) -> Vec<Cell> {
    vec![
        table::text(&event.at),
        Cell::new(&event.kind).fg(colour(&event.severity)),
        table::text(&subject(event.job.as_deref(), event.node.as_deref(), event.service.as_deref())),
        table::text(event.run.as_deref().unwrap_or_default()),
        table::text(&event.reason),
    ]
}
