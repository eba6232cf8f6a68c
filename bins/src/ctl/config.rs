//! `cronbus config …`: what a node's configuration is, without a node, or of one that runs.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Color;
use cronbus_core::config::Loaded;

use super::client::{Client, node_path};
use super::connection::Connection;
use super::terminal::Terminal;
use crate::configuration;
use crate::web::view::{Listing, SettingView};

/// The commands for the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say whether the configuration can be used, and everything that is wrong with it
    Check(Options),
    /// Show every value in force and where it came from
    Print(PrintOptions),
}

/// Which configuration.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file with the configuration, in TOML, or gocron's conf.ini
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    config: Option<PathBuf>,
    /// The same
    #[arg(value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
}

/// Which configuration, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct PrintOptions {
    #[command(flatten)]
    which: Options,
    /// Show the configuration in force at this node of the cluster, whichever node is asked
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    node: Option<String>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    fn load(&self) -> Result<Loaded> {
        configuration::load(self.file.as_deref().or(self.config.as_deref()), Vec::new())
    }

    /// Checks the configuration.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub(crate) fn check(&self, terminal: &mut Terminal) -> Result<()> {
        configuration::remarks(&self.load()?).iter().for_each(|remark| terminal.note(remark));
        terminal.line("the configuration can be used")?;
        Ok(())
    }
}

impl PrintOptions {
    /// Writes every value with its source, as TOML whose comments tell the sources.
    ///
    /// # Errors
    /// When the configuration cannot be used, or the node does not tell it.
    pub(crate) async fn print(self, terminal: &mut Terminal) -> Result<()> {
        let values = match &self.node {
            Some(node) => self.ask(node).await?,
            None => self.which.load()?.provenance.iter().map(SettingView::from).collect(),
        };
        if self.json {
            terminal.json(&values)?;
            return Ok(());
        }
        let mut section = "";
        for SettingView { key, value, source } in &values {
            let (of, name) = key.split_once('.').unwrap_or(("", key));
            if of != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                terminal.line(format!("{gap}[{of}]"))?;
                section = of;
            }
            let source = terminal.paint(Color::DarkGrey, &format!("# {source}"));
            terminal.line(format!("{name} = {value}  {source}"))?;
        }
        Ok(())
    }

    async fn ask(&self, node: &str) -> Result<Vec<SettingView>> {
        let client = Client::new(&self.connection)?;
        let listing: Listing<SettingView> = client.get(&format!("{}/config", node_path(node)), &[]).await?;
        Ok(listing.items)
    }
}
