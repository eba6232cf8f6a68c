//! `cronbus alert history`.

use anyhow::Result;
use clap::Args;
use comfy_table::Cell;
use cronbus_core::time::Timestamp;

use super::list::{colour, subject};
use crate::ctl::list::{List, Wanted, given};
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::alert_view::EventView;

/// Which events, and how to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Of this job: an id or a name
    #[arg(long)]
    job: Option<String>,
    /// Of this kind, like failed or node_lost
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
}

impl Options {
    /// Lists what happened, the newest first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let query = given([("job", self.job), ("kind", self.kind)]);
        let list = List {
            path: "/api/v1/alerts/history",
            columns: &["AT", "WHAT", "TO", "RUN", "WHY"],
            row,
            none: "nothing that fits has happened",
        };
        self.wanted.show(&list, query, terminal).await
    }
}

fn row(event: &EventView, _: Timestamp) -> Vec<Cell> {
    vec![
        table::text(&event.at),
        Cell::new(&event.kind).fg(colour(&event.severity)),
        table::text(&subject(event.job.as_deref(), event.node.as_deref(), event.service.as_deref())),
        table::text(event.run.as_deref().unwrap_or_default()),
        table::text(&event.reason),
    ]
}
