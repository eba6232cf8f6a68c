//! `cronbus job list`.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, CellAlignment, Color};
use cronbus_core::time::Timestamp;

use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::pages::{self, Pages, TABLE_ROWS};
use crate::ctl::table::{self, Rows};
use crate::ctl::terminal::Terminal;
use crate::ctl::{now, relative};
use crate::web::view::JobView;

/// Which jobs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only jobs whose name contains this
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only jobs whose target is this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Only jobs with this label: NAME, VALUE or NAME=VALUE
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Only jobs that are enabled and not paused (true), or the others (false)
    #[arg(long, value_name = "BOOL")]
    active: Option<bool>,
    /// At most this many [default: 100 in a table, all with --json]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
    /// With --json: add how each job is doing, which takes the node a look at its runs
    #[arg(long, requires = "json")]
    status: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Lists jobs by name.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let with_status = self.status || !self.json;
        let mut query = vec![("status", with_status.to_string())];
        query.extend(self.name.map(|name| ("name", name)));
        query.extend(self.group.map(|group| ("group", group)));
        query.extend(self.label.map(|label| ("label", label)));
        query.extend(self.active.map(|active| ("active", active.to_string())));
        if self.json {
            let limit = self.limit.unwrap_or(usize::MAX);
            return pages::write_json::<JobView>(Pages::new(&client, "/api/v1/jobs", query, limit), terminal).await;
        }
        let mut pages = Pages::new(&client, "/api/v1/jobs", query, self.limit.unwrap_or(TABLE_ROWS));
        let mut rows = Rows::new(terminal, &["NAME", "SCHEDULE", "ZONE", "NEXT", "LAST", "STATE", "FAILURES"]);
        let now = now();
        let (mut is_empty, mut stranded) = (true, 0_usize);
        while let Some(jobs) = pages.next::<JobView>().await? {
            is_empty &= jobs.is_empty();
            stranded += jobs.iter().filter(|job| job.no_node.is_some()).count();
            jobs.iter().for_each(|job| rows.push(row(job, now)));
        }
        if is_empty {
            terminal.note("no jobs; add one with `cronbus job add`, or many with `cronbus import crontab`");
            return Ok(());
        }
        rows.write(terminal)?;
        if stranded > 0 {
            let note = "no node that lives fits the target of";
            terminal.note(format_args!("{note} {stranded} of these; `cronbus job show NAME` says why"));
        }
        if pages.has_more() {
            terminal.note("there are more; ask for them with --limit, or for all with --json");
        }
        Ok(())
    }
}

fn row(job: &JobView, now: Timestamp) -> Vec<Cell> {
    let definition = &job.definition;
    let status = job.status.clone().unwrap_or_default();
    let schedule = definition.schedule.as_deref().unwrap_or("(by hand)");
    let zone = if definition.schedule.is_some() { definition.timezone.as_str() } else { "" };
    let failures = status.consecutive_failures;
    let failures = if failures == 0 { Cell::new("") } else { Cell::new(failures).fg(Color::Red) };
    vec![
        table::text(definition.name.as_str()),
        table::text(schedule),
        table::text(zone),
        next(job, now),
        Cell::new(status.last_at.map(|at| relative::to(at, now)).unwrap_or_default()),
        status.last_state.map_or_else(|| Cell::new(""), table::state),
        failures.set_alignment(CellAlignment::Right),
    ]
}

fn next(job: &JobView, now: Timestamp) -> Cell {
    if job.pause.is_some() {
        return Cell::new("paused").fg(Color::Yellow);
    }
    if !job.definition.enabled {
        return Cell::new("disabled").fg(Color::DarkGrey);
    }
    if job.no_node.is_some() {
        let at = job.next_at.map(|at| format!("{}, ", relative::to(at, now))).unwrap_or_default();
        return Cell::new(format!("{at}no node")).fg(Color::Red);
    }
    Cell::new(job.next_at.map(|at| relative::to(at, now)).unwrap_or_default())
}
