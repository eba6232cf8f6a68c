//! `cronbus config …`: what a node's configuration is, without a node.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::Color;
use cronbus_core::config::{Loaded, Provenance};
use serde_json::json;

use super::terminal::Terminal;
use crate::configuration;

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
    /// As a JSON array
    #[arg(long)]
    json: bool,
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
    /// When the configuration cannot be used.
    pub(crate) fn print(&self, terminal: &mut Terminal) -> Result<()> {
        let values = self.which.load()?.provenance;
        if self.json {
            let view = |value: &Provenance| json!({ "key": value.key, "value": value.value, "source": value.origin.to_string() });
            terminal.json(&values.iter().map(view).collect::<Vec<_>>())?;
            return Ok(());
        }
        let mut section = "";
        for Provenance { key, value, origin } in &values {
            let (of, name) = key.split_once('.').unwrap_or(("", key));
            if of != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                terminal.line(format!("{gap}[{of}]"))?;
                section = of;
            }
            let origin = terminal.paint(Color::DarkGrey, &format!("# {origin}"));
            terminal.line(format!("{name} = {value}  {origin}"))?;
        }
        Ok(())
    }
}
