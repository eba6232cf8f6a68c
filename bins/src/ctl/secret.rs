//! `cronbus secret …`: what jobs name as `{{secret.NAME}}` and nobody reads. A value is never an argument: others on the
//! machine can read those.

use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use comfy_table::Cell;
use cronbus_core::secret::LONGEST_VALUE;
use cronbus_core::time::Timestamp;

use super::client::{Client, encode};
use super::connection::Connection;
use super::hidden;
use super::input;
use super::list::{List, Wanted};
use super::relative;
use super::table;
use super::terminal::Terminal;
use crate::cluster_key;
use crate::web::api::secrets::{NewValue, Rotated};
use crate::web::secret_acts::SecretView;

/// The commands for secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the key that secrets are sealed with
    Init(Init),
    /// Give a secret a value: typed without being shown, from a file, or from the standard input
    Set(Set),
    /// List secrets, without their values
    List(Listed),
    /// Delete a secret
    Delete(Delete),
    /// Seal every secret with the key that stands first in the key file
    Rotate(Rotate),
}

/// Where the key goes.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The file to make; one that is there is left as it is
    #[arg(long, value_name = "FILE", default_value = "secrets.key")]
    key_file: PathBuf,
}

/// Which secret, and where its value is.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Its name
    name: String,
    /// The file that holds the value; `-` is the standard input, which is the default and asks at a terminal. One line end
    /// behind it is left out
    #[arg(long, value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Only jobs of this group may use it; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Every job may use it, whatever was said before
    #[arg(long, conflicts_with = "groups")]
    all_groups: bool,
    #[command(flatten)]
    connection: Connection,
}

/// How to list them.
#[derive(Debug, Args)]
pub(crate) struct Listed {
    #[command(flatten)]
    wanted: Wanted,
}

/// Which secret.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// Its name
    name: String,
    /// Even while jobs name it: their runs fail then
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Where.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    connection: Connection,
}

impl Command {
    /// Does what it says.
    ///
    /// # Errors
    /// When no node answers, or it refuses; when a file cannot be read or made.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        match self {
            Self::Init(options) => options.run(terminal),
            Self::Set(options) => options.run(terminal).await,
            Self::List(options) => options.run(terminal).await,
            Self::Delete(options) => options.run(terminal).await,
            Self::Rotate(options) => options.run(terminal).await,
        }
    }
}

impl Init {
    fn run(&self, terminal: &mut Terminal) -> Result<()> {
        cluster_key::create(&self.key_file)?;
        let path = self.key_file.display();
        terminal.line(format!(
            "made {path}: give it to every node that schedules, dispatches or serves the web, readable by the node alone, \
             set secrets.key_file to its place, and keep a copy: without it no secret can be opened"
        ))?;
        Ok(())
    }
}

impl Set {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let value = self.value()?;
        let groups = (self.all_groups || !self.groups.is_empty()).then(|| self.groups.iter().cloned().collect());
        let client = Client::new(&self.connection)?;
        let set: SecretView = client.put(&path(&self.name), &NewValue { value, groups }).await?;
        terminal.line(format!("set {} (version {})", set.name, set.version))?;
        Ok(())
    }

    fn value(&self) -> Result<String> {
        let from_stdin = self.file.as_os_str() == "-";
        let mut text = String::new();
        if from_stdin {
            if stdin().is_terminal() {
                return hidden::typed(&format!("Value of {}: ", self.name));
            }
            let limit = u64::try_from(LONGEST_VALUE).unwrap_or(u64::MAX).saturating_add(3);
            stdin().take(limit).read_to_string(&mut text).context("the standard input could not be read")?;
        } else {
            text = input::read(&self.file)?;
        }
        let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
        if value.is_empty() {
            bail!("there is no value: give it with --file, or by the standard input");
        }
        Ok(value.to_owned())
    }
}

impl Listed {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let columns = &["NAME", "VERSION", "GROUPS", "SET AT", "BY", "USED BY"];
        let list = List { path: "/api/v1/secrets", columns, row, none: "there are no secrets" };
        self.wanted.show(&list, Vec::new(), terminal).await
    }
}

fn row(secret: &SecretView, now: Timestamp) -> Vec<Cell> {
    let groups: Vec<&str> = secret.groups.iter().map(String::as_str).collect();
    vec![
        table::text(&secret.name),
        table::text(&secret.version.to_string()),
        table::text(if groups.is_empty() { "all".to_owned() } else { groups.join(", ") }.as_str()),
        Cell::new(relative::to(secret.updated_at, now)),
        table::text(&secret.updated_by),
        table::text(&secret.used_by.join(", ")),
    ]
}

impl Delete {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let force = if self.force { "?force=true" } else { "" };
        Client::new(&self.connection)?.delete(&format!("{}{force}", path(&self.name))).await?;
        terminal.line(format!("deleted {}", self.name))?;
        Ok(())
    }
}

impl Rotate {
    async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let rotated: Rotated = Client::new(&self.connection)?.post("/api/v1/secret-rotation", &()).await?;
        terminal.line(format!("sealed {} secrets with the first key", rotated.sealed))?;
        Ok(())
    }
}

fn path(name: &str) -> String {
    format!("/api/v1/secrets/{}", encode(name))
}
