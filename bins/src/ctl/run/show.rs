//! `cronbus run show`.

use anyhow::Result;
use clap::Args;
use cronbus_core::time::Timestamp;

use super::list::{took, why};
use crate::ctl::client::{Client, run_path};
use crate::ctl::connection::Connection;
use crate::ctl::terminal::{Terminal, harmless};
use crate::ctl::{now, relative, table};
use crate::web::view::RunView;

/// Which run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its id
    run: String,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Shows everything about a run but its output.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let run: RunView = client.get(&run_path(&self.run), &[]).await?;
        if self.json {
            terminal.json(&run)?;
            return Ok(());
        }
        let state = terminal.paint(table::colour(run.state), run.state.as_str());
        terminal.line(format!("{:<10} {state} (code {})", "state", run.code))?;
        for (label, value) in facts(&run, now()) {
            terminal.line(format!("{label:<10} {}", harmless(&value)))?;
        }
        Ok(())
    }
}

fn facts(run: &RunView, now: Timestamp) -> Vec<(&'static str, String)> {
    let instant = |at: Timestamp| format!("{at} ({})", relative::to(at, now));
    let mut facts = vec![
        ("run", run.id.to_string()),
        ("job", format!("{} (id {}, revision {})", run.job, run.job_id, run.revision.0)),
        ("trigger", run.trigger.as_str().to_owned()),
        ("attempt", run.attempt.to_string()),
        ("due", instant(run.due_at)),
        ("created", instant(run.created_at)),
    ];
    facts.extend(run.node.as_ref().map(|node| ("node", node.to_string())));
    facts.extend(run.started_at.map(|at| ("started", instant(at))));
    facts.extend(run.ended_at.map(|at| ("ended", instant(at))));
    facts.extend(took(run).map(|length| ("took", relative::length(length))));
    facts.extend(run.exit_code.map(|code| ("exit code", code.to_string())));
    facts.extend(run.signal.map(|signal| ("signal", signal.to_string())));
    facts.extend(run.waiting_for.as_ref().map(|waits| ("waits for", waits.detail.clone())));
    let reason = why(run);
    facts.extend((!reason.is_empty()).then_some(("why", reason)));
    facts.extend((!run.note.is_empty()).then(|| ("note", run.note.clone())));
    facts.extend(run.usage.map(|usage| {
        let (user, system) = (usage.user_ms, usage.system_ms);
        let memory = match usage.max_rss_bytes >> 10 {
            0 => String::new(),
            peak => format!(", {peak} KiB at most"),
        };
        ("used", format!("{user} ms user, {system} ms system{memory}"))
    }));
    facts.extend(run.output.map(|output| {
        let cut = if output.truncated { ", the middle left out" } else { "" };
        ("output", format!("{} bytes{cut}", output.bytes))
    }));
    facts
}
