//! `cronbus alert list`.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};
use cronbus_core::time::Timestamp;

use crate::ctl::list::{List, Wanted};
use crate::ctl::relative;
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::alert_view::AlertView;

/// How to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    wanted: Wanted,
}

impl Options {
    /// Lists what is wrong now, the newest first.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let list = List {
            path: "/api/v1/alerts",
            columns: &["ID", "WHAT", "TO", "TIMES", "SINCE", "TOLD", "LOOKED AFTER BY"],
            row,
            none: "nothing is wrong",
        };
        self.wanted.show(&list, Vec::new(), terminal).await
    }
}

fn row(alert: &AlertView, now: Timestamp) -> Vec<Cell> {
    vec![
        table::text(&alert.id),
        Cell::new(&alert.kind).fg(colour(&alert.severity)),
        table::text(&subject(alert.job.as_deref(), alert.node.as_deref(), alert.service.as_deref())),
        Cell::new(alert.count),
        table::text(&ago(&alert.since, now)),
        table::text(&alert.told.join(",")),
        table::text(alert.acknowledged_by.as_deref().unwrap_or_default()),
    ]
}

/// What something happened to.
pub(super) fn subject(job: Option<&str>, node: Option<&str>, service: Option<&str>) -> String {
    match (job, node, service) {
        (Some(job), _, _) => job.to_owned(),
        (None, Some(node), Some(service)) => format!("{service} of {node}"),
        (None, Some(node), None) => format!("node {node}"),
        (None, None, _) => String::new(),
    }
}

/// The colour of a severity.
pub(super) fn colour(severity: &str) -> Color {
    match severity {
        "critical" => Color::Red,
        "good" => Color::Green,
        _ => Color::Yellow,
    }
}

/// How long ago an instant was; what a node says that is none is shown as it is.
pub(super) fn ago(at: &str, now: Timestamp) -> String {
    at.parse::<Timestamp>().map_or_else(|_| at.to_owned(), |at| relative::to(at, now))
}
