//! `cronbus import crontab`. Of gocron's jobs: [`super::import_gocron`].

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use comfy_table::Color;
use cronbus_core::crontab::{self, Became, Import, Kind, Line};
use cronbus_core::document::{Format, write_json};
use cronbus_core::job::Definition;
use serde::Serialize;

use super::client::Client;
use super::connection::Connection;
use super::exit::AnswerIsNo;
use super::progress::Progress;
use super::terminal::{Terminal, harmless};
use super::{apply, import_gocron, input, zone};

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make jobs of a crontab, and say line by line what became of it
    Crontab(Options),
    /// Show what gocron's jobs become and what changes meaning; make jobs of them with --write
    Gocron(import_gocron::Options),
}

/// Which crontab, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The crontab; `-` is the standard input, as in `crontab -l | cronbus import crontab -`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its entries name a user, as in /etc/crontab and /etc/cron.d [default: found out]
    #[arg(long, conflicts_with = "user")]
    system: bool,
    /// Its entries name no user, as `crontab -l` prints it [default: found out]
    #[arg(long)]
    user: bool,
    /// The IANA zone of the machine it is from [default: this machine's]
    #[arg(long, visible_alias = "tz", value_name = "ZONE")]
    timezone: Option<String>,
    /// What the names of the jobs begin with
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// Only show what would become of it; no node is asked
    #[arg(long)]
    dry_run: bool,
    /// As a JSON array, one object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What became of a line, for programs.
#[derive(Debug, Serialize)]
struct LineView<'a> {
    line: usize,
    text: &'a str,
    became: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a Definition>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

impl Options {
    /// Makes jobs of a crontab. Lines that are refused do not keep the others from becoming jobs.
    ///
    /// # Errors
    /// When the file cannot be read, no node answers, or it refuses; [`AnswerIsNo`] when lines were refused, so that
    /// nobody throws a crontab away of which something is missing.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let text = input::read(&self.file)?;
        let timezone = self.timezone.clone().unwrap_or_else(zone::of_this_machine);
        let options = crontab::Options { kind: self.kind(&text), timezone: &timezone, prefix: &self.prefix };
        let import = crontab::import(&text, &options);
        if self.json {
            terminal.json(&import.lines.iter().map(view).collect::<Vec<_>>())?;
        } else {
            import.lines.iter().try_for_each(|line| show(line, terminal))?;
        }
        terminal.flush()?;
        self.send(&import, terminal).await?;
        let refused = import.refused().count();
        if refused > 0 {
            terminal.note(format!("{refused} of {} lines were refused", import.lines.len()));
            return Err(AnswerIsNo.into());
        }
        Ok(())
    }

    fn kind(&self, text: &str) -> Kind {
        match (self.system, self.user) {
            (true, _) => Kind::System,
            (_, true) => Kind::User,
            (false, false) => Kind::detect(&absolute(&self.file), text),
        }
    }

    async fn send(&self, import: &Import, terminal: &mut Terminal) -> Result<()> {
        let jobs: Vec<Definition> = import.jobs().cloned().collect();
        if self.dry_run {
            terminal.note(format!("dry run: {} jobs would be sent to a node", jobs.len()));
            return Ok(());
        }
        if jobs.is_empty() {
            terminal.note("there is no job in it");
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

fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn view(line: &Line) -> LineView<'_> {
    let (became, job, note) = match &line.became {
        Became::Job(definition) => ("job", Some(&**definition), line.note.as_str()),
        Became::Environment => ("environment", None, line.note.as_str()),
        Became::Comment => ("comment", None, line.note.as_str()),
        Became::Blank => ("blank", None, line.note.as_str()),
        Became::Refused(reason) => ("refused", None, reason.as_str()),
    };
    LineView { line: line.number, text: &line.text, became, job, note }
}

fn show(line: &Line, terminal: &mut Terminal) -> Result<()> {
    let number = format!("{:>4}", line.number);
    let text = harmless(&line.text);
    let note = harmless(&line.note);
    match &line.became {
        Became::Blank => {}
        Became::Comment => {
            let text = terminal.paint(Color::DarkGrey, &text);
            terminal.line(format!("{number}    {text}"))?;
        }
        Became::Environment => {
            terminal.line(format!("{number}  = {text}"))?;
            remark(&note, terminal)?;
        }
        Became::Job(job) => {
            let name = terminal.paint(Color::Green, job.name.as_str());
            terminal.line(format!("{number}  + {name}  ◀ {text}"))?;
            remark(&note, terminal)?;
        }
        Became::Refused(reason) => {
            let mark = terminal.paint(Color::Red, "!");
            terminal.line(format!("{number}  {mark} {text}"))?;
            let reason = terminal.paint(Color::Red, &format!("refused: {}", harmless(reason)));
            remark(&reason, terminal)?;
        }
    }
    Ok(())
}

fn remark(text: &str, terminal: &mut Terminal) -> Result<()> {
    if !text.is_empty() {
        terminal.line(format!("        {text}"))?;
    }
    Ok(())
}
