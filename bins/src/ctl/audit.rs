//! `cronbus audit list`: who did what.

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Cell;
use cronbus_core::time::Timestamp;

use super::list::{List, Wanted, given};
use super::table;
use super::terminal::Terminal;
use crate::web::audit_view::AuditView;

/// The commands for the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List who did what, the newest first; --json also shows what was and what is
    List(Options),
}

/// Which entries, and how to list them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Of whoever has this name
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Of this action, like job.update
    #[arg(long)]
    action: Option<String>,
    /// About things of this kind, like job
    #[arg(long)]
    kind: Option<String>,
    /// About what has this name
    #[arg(long, value_name = "NAME")]
    object: Option<String>,
    /// At or after this instant, like 2026-11-22T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this instant
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let Self::List(options) = self;
        let query = given([
            ("actor", options.actor),
            ("action", options.action),
            ("kind", options.kind),
            ("object", options.object),
            ("from", options.from),
            ("until", options.until),
        ]);
        let columns = &["AT", "WHO", "FROM", "WHAT", "TO", "CHANGED"];
        let list = List { path: "/api/v1/audit", columns, row, none: "nothing that fits was done" };
        options.wanted.show(&list, query, terminal).await
    }
}

fn row(entry: &AuditView, _: Timestamp) -> Vec<Cell> {
    let from = entry.address.as_ref().map_or_else(|| entry.door.clone(), |at| format!("{} {at}", entry.door));
    vec![
        table::text(&entry.at),
        table::text(&entry.actor),
        table::text(&from),
        table::text(&entry.action),
        table::text(&format!("{} {}", entry.object_kind, entry.object)),
        table::text(&entry.changed.join(", ")),
    ]
}
