//! `cronbus alert silence …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Cell;

use super::list::ago;
use crate::ctl::client::{Client, encode};
use crate::ctl::connection::Connection;
use crate::ctl::now;
use crate::ctl::table;
use crate::ctl::terminal::Terminal;
use crate::web::alert_acts::NewSilence;
use crate::web::alert_view::SilenceView;
use crate::web::view::Listing;

const PATH: &str = "/api/v1/silences";

/// The commands for silences.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Have nobody told of something for a while
    Add(Add),
    /// List the silences in force
    List(List),
    /// End a silence now
    End(End),
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::Add(options) => options.run(terminal).await,
            Self::List(options) => options.run(terminal).await,
            Self::End(options) => options.run(terminal).await,
        }
    }
}

/// Of what, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Jobs with a name of this pattern (`*` is any text, `?` one character)
    #[arg(long)]
    job: Option<String>,
    /// Jobs whose target is this group
    #[arg(long)]
    group: Option<String>,
    /// Nodes with a name of this pattern, and their services
    #[arg(long)]
    node: Option<String>,
    /// Events of this kind, like failed or node_lost
    #[arg(long)]
    kind: Option<String>,
    /// How long, like 2h
    #[arg(long = "for", value_name = "PERIOD", required_unless_present = "until", conflicts_with = "until")]
    lasts: Option<String>,
    /// Until when, like 2026-12-01T08:00:00+08:00
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
    #[command(flatten)]
    connection: Connection,
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let Self { job, group, node, kind, lasts, until, why, connection: _ } = self;
        let asked = NewSilence { job, group, node, kind, lasts, until, why };
        let silence: SilenceView = client.post(PATH, &asked).await?;
        terminal.line(format!("{} until {}", silence.id, silence.until))?;
        Ok(())
    }
}

/// How to list them.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let silences: Listing<SilenceView> = client.get(PATH, &[]).await?;
        if self.json {
            terminal.json(&silences.items)?;
            return Ok(());
        }
        Ok(table::write(terminal, &["ID", "OF", "ENDS", "BY", "WHY"], silences.items.iter().map(row))?)
    }
}

fn row(silence: &SilenceView) -> Vec<Cell> {
    let of = [("job", &silence.job), ("group", &silence.group), ("node", &silence.node), ("kind", &silence.kind)];
    let of: Vec<String> = of.iter().filter_map(|(name, text)| Some(format!("{name}={}", text.as_ref()?))).collect();
    vec![
        table::text(&silence.id),
        table::text(&of.join(" ")),
        table::text(&ago(&silence.until, now())),
        table::text(&silence.by),
        table::text(&silence.why),
    ]
}

/// Which silence.
#[derive(Debug, Args)]
pub(crate) struct End {
    /// Its id, as `cronbus alert silence list` shows it
    silence: String,
    #[command(flatten)]
    connection: Connection,
}

impl End {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        client.delete(&format!("{PATH}/{}", encode(&self.silence))).await?;
        terminal.line(format!("{} is over", self.silence))?;
        Ok(())
    }
}
