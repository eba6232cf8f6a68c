//! `cronbus export`.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::client::Client;
use super::connection::Connection;
use super::terminal::Terminal;

/// In which language.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The language of the document
    #[arg(long, value_enum, default_value_t = Language::Toml)]
    format: Language,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    Toml,
    Yaml,
    Json,
}

impl Options {
    /// Writes all jobs as one document that `apply` takes.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let format = match (self.json, self.format) {
            (true, _) | (_, Language::Json) => "json",
            (_, Language::Toml) => "toml",
            (_, Language::Yaml) => "yaml",
        };
        let text = client.text("/api/v1/export", &[("format", format.to_owned())]).await?;
        terminal.bytes(text.as_bytes())?;
        Ok(())
    }
}
