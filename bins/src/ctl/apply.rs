//! `cronbus apply`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use comfy_table::Color;
use cronbus_core::document::{FieldChange, Format};
use serde_json::Value;

use super::client::Client;
use super::connection::Connection;
use super::input;
use super::progress::Progress;
use super::terminal::{Terminal, harmless};
use crate::web::view::PlanView;

/// Which document, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The document: TOML, YAML or JSON; `-` is the standard input
    #[arg(long, short = 'f', value_name = "FILE")]
    file: PathBuf,
    /// Only show what would be changed
    #[arg(long)]
    dry_run: bool,
    /// Delete the jobs that the document does not name
    #[arg(long)]
    prune: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Makes the jobs what a document says, and shows what that changes.
    ///
    /// # Errors
    /// When the document cannot be read, no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let text = input::read(&self.file)?;
        let format = Format::of(&self.file.to_string_lossy(), &text);
        let client = Client::new(&self.connection)?;
        let progress = Progress::start("applying");
        let plan = send(&client, format, text, self.dry_run, self.prune).await;
        progress.finish();
        let plan = plan?;
        if self.json {
            terminal.json(&plan)?;
            return Ok(());
        }
        show(&plan, terminal)
    }
}

/// Sends a document to be applied.
///
/// # Errors
/// When no node answers, or it refuses.
pub(crate) async fn send(
    client: &Client,
    format: Format,
    text: String,
    dry_run: bool,
    prune: bool,
) -> Result<PlanView> {
    let query = [("dry_run", dry_run.to_string()), ("prune", prune.to_string())];
    let kind = match format {
        Format::Toml => "application/toml",
        Format::Yaml => "application/yaml",
        Format::Json => "application/json",
    };
    client.post_document("/api/v1/apply", &query, kind, text).await
}

/// Writes a plan as a difference.
///
/// # Errors
/// When nobody reads it.
pub(crate) fn show(plan: &PlanView, terminal: &mut Terminal) -> Result<()> {
    for name in &plan.add {
        let line = terminal.paint(Color::Green, &format!("+ {}", harmless(name)));
        terminal.line(line)?;
    }
    for change in &plan.change {
        let line = terminal.paint(Color::Yellow, &format!("~ {}", harmless(&change.name)));
        terminal.line(line)?;
        for field in &change.fields {
            terminal.line(format!("    {}", difference(field)))?;
        }
    }
    for name in &plan.remove {
        let line = terminal.paint(Color::Red, &format!("- {}", harmless(name)));
        terminal.line(line)?;
    }
    terminal.line(summary(plan))?;
    Ok(())
}

fn difference(change: &FieldChange) -> String {
    let shown = |value: &Value| if value.is_null() { "(default)".to_owned() } else { value.to_string() };
    harmless(&format!("{}: {} → {}", change.field, shown(&change.from), shown(&change.to)))
}

/// A plan in one line.
pub(crate) fn summary(plan: &PlanView) -> String {
    let (add, change, remove) = (plan.add.len(), plan.change.len(), plan.remove.len());
    let same = plan.unchanged;
    match (add + change + remove, plan.applied) {
        (0, _) => format!("nothing to do: {same} jobs are as the document says"),
        (_, true) => format!("{add} added, {change} changed, {remove} deleted, {same} as they were"),
        (_, false) => {
            format!("dry run: would add {add}, change {change}, delete {remove}; {same} are as they should be")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::view::ChangeView;

    #[test]
    fn a_plan_reads_as_a_difference() {
        let field = FieldChange { field: "retry.max".to_owned(), from: Value::Null, to: 3.into() };
        let change = ChangeView { name: "b".to_owned(), fields: vec![field] };
        let plan = PlanView {
            applied: false,
            add: vec!["a".to_owned()],
            change: vec![change],
            remove: vec!["c\u{1b}[2J".to_owned()],
            unchanged: 2,
        };
        let (mut terminal, written) = Terminal::in_memory();
        show(&plan, &mut terminal).unwrap();
        assert_eq!(
            written.text(),
            "+ a\n~ b\n    retry.max: (default) → 3\n- c\u{fffd}[2J\n\
             dry run: would add 1, change 1, delete 1; 2 are as they should be\n"
        );
    }
}
