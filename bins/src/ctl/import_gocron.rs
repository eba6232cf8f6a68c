//! `cronbus import gocron`: shows what its jobs become and when both would fire; writes only when told to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use comfy_table::Color;
use cronbus_adapters::gocron::read;
use cronbus_core::config::Loaded;
use cronbus_core::document::{Format, write_json};
use cronbus_core::gocron::{self, Became, Import};
use cronbus_core::job::Definition;
use cronbus_core::time::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::client::Client;
use super::connection::Connection;
use super::exit::AnswerIsNo;
use super::progress::Progress;
use super::terminal::{Terminal, harmless};
use super::{apply, wall_clock, zone};
use crate::configuration;

/// Which gocron, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its database: mysql://USER:PASSWORD@HOST/DATABASE [default: the one of its conf.ini]
    #[arg(
        long,
        value_name = "URL",
        env = "CRONBUS_GOCRON_DATABASE",
        hide_env_values = true,
        required_unless_present = "machines"
    )]
    from: Option<String>,
    /// Its conf.ini, with the groups of machines
    #[arg(long, value_name = "FILE")]
    machines: Option<PathBuf>,
    /// The IANA zone of the machine it runs on [default: this machine's]
    #[arg(long, visible_alias = "tz", value_name = "ZONE")]
    timezone: Option<String>,
    /// What the names of the jobs begin with
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// Make the jobs; without it no node is asked
    #[arg(long)]
    write: bool,
    /// As a JSON array, one object a row
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What became of a row, for programs.
#[derive(Debug, Serialize)]
struct RowView<'a> {
    jobid: i64,
    name: &'a str,
    became: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a Definition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
    next: &'a [Timestamp],
    next_in_gocron: &'a [Timestamp],
    #[serde(skip_serializing_if = "Option::is_none")]
    gocron_says: Option<&'a str>,
    changes: &'a [String],
}

/// Where gocron keeps its jobs, and its groups of machines.
struct Gocron {
    database: String,
    machines: BTreeMap<String, Vec<String>>,
}

impl Options {
    /// Shows what becomes of gocron's jobs, and makes them with `--write`.
    ///
    /// # Errors
    /// When its database or its configuration cannot be read, no node answers, or it refuses; [`AnswerIsNo`] when rows
    /// were refused.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let Gocron { database, machines } = self.gocron()?;
        let rows = read(&database).await?;
        let timezone = self.timezone.clone().unwrap_or_else(zone::of_this_machine);
        let (prefix, now) = (self.prefix.as_str(), wall_clock::now());
        let options = gocron::Options { timezone: &timezone, prefix, machines: &machines, now };
        let imports = gocron::import(&rows, &options);
        if self.json {
            terminal.json(&imports.iter().map(view).collect::<Vec<_>>())?;
        } else {
            let zone = TimeZone::get(&timezone).unwrap_or(TimeZone::UTC);
            imports.iter().try_for_each(|import| show(import, &zone, terminal))?;
        }
        terminal.flush()?;
        self.send(&imports, terminal).await?;
        let refused = imports.iter().filter(|import| matches!(import.became, Became::Refused(_))).count();
        if refused > 0 {
            terminal.note(format!("{refused} of {} jobs were refused", imports.len()));
            return Err(AnswerIsNo.into());
        }
        Ok(())
    }

    fn gocron(&self) -> Result<Gocron> {
        let Some(path) = &self.machines else {
            return Ok(Gocron { database: self.from.clone().unwrap_or_default(), machines: BTreeMap::new() });
        };
        let Loaded { config, legacy, .. } = configuration::load(Some(path), Vec::new())?;
        let legacy = legacy.with_context(|| format!("{} is no conf.ini of gocron", path.display()))?;
        let database = self.from.clone().unwrap_or_else(|| config.database.url.as_str().to_owned());
        Ok(Gocron { database, machines: legacy.machine_groups })
    }

    async fn send(&self, imports: &[Import], terminal: &mut Terminal) -> Result<()> {
        let jobs: Vec<Definition> = imports.iter().filter_map(|import| job(import).cloned()).collect();
        if !self.write {
            terminal.note(format!("{} jobs would be sent to a node; nothing is written without --write", jobs.len()));
            return Ok(());
        }
        if jobs.is_empty() {
            terminal.note("there is nothing to send to a node");
            return Ok(());
        }
        let client = Client::new(&self.connection)?;
        let progress = Progress::start("importing");
        let plan = apply::send(&client, Format::Json, write_json(&jobs)?, false, false).await;
        progress.finish();
        let plan = plan.context("the jobs could not be imported")?;
        if !self.json {
            terminal.line(apply::summary(&plan))?;
        }
        Ok(())
    }
}

fn job(import: &Import) -> Option<&Definition> {
    match &import.became {
        Became::Job(definition) => Some(definition),
        Became::Refused(_) => None,
    }
}

fn view(import: &Import) -> RowView<'_> {
    let refused = match &import.became {
        Became::Job(_) => None,
        Became::Refused(reason) => Some(reason.as_str()),
    };
    RowView {
        jobid: import.job,
        name: &import.name,
        became: if refused.is_some() { "refused" } else { "job" },
        job: job(import),
        refused,
        next: &import.here,
        next_in_gocron: import.there.as_deref().unwrap_or_default(),
        gocron_says: import.there.as_ref().err().map(String::as_str),
        changes: &import.changes,
    }
}

fn show(import: &Import, zone: &TimeZone, terminal: &mut Terminal) -> Result<()> {
    let there = format!("{} {}", import.job, harmless(&import.name));
    match &import.became {
        Became::Job(definition) => {
            let name = terminal.paint(Color::Green, definition.name.as_str());
            let rule = harmless(definition.schedule.as_deref().unwrap_or_default());
            let off = if definition.enabled { "" } else { "  (not enabled)" };
            terminal.line(format!("+ {name}  ◀ {there}  {rule}{off}"))?;
            show_moments(import, zone, terminal)?;
        }
        Became::Refused(reason) => {
            let reason = terminal.paint(Color::Red, &format!("refused: {}", harmless(reason)));
            terminal.line(format!("! {there}  {reason}"))?;
        }
    }
    for change in &import.changes {
        terminal.line(format!("    ~ {}", harmless(change)))?;
    }
    Ok(())
}

/// The next moments under both readings, by the clock of gocron's machine, side by side; once where they are the same.
fn show_moments(import: &Import, zone: &TimeZone, terminal: &mut Terminal) -> Result<()> {
    let there = match &import.there {
        Ok(there) if *there == import.here => {
            terminal.line("    next, here and in gocron".to_owned())?;
            for at in &import.here {
                terminal.line(format!("      {}", local(*at, zone)))?;
            }
            return Ok(());
        }
        Ok(there) => {
            let warning = terminal.paint(Color::Yellow, "the readings differ");
            terminal.line(format!("    next, here | in gocron: {warning}"))?;
            there.as_slice()
        }
        Err(reason) => {
            terminal.line(format!("    next, here ({})", harmless(reason)))?;
            &[]
        }
    };
    let text = |moments: &[Timestamp], place: usize| moments.get(place).map(|at| local(*at, zone)).unwrap_or_default();
    for place in 0..import.here.len().max(there.len()) {
        let line = format!("      {:<28}{}", text(&import.here, place), text(there, place));
        terminal.line(line.trim_end().to_owned())?;
    }
    Ok(())
}

/// RFC 3339 with the offset of the zone.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_jiff();
    at.display_with_offset(zone.to_offset(at)).to_string()
}
