//! `cronbus migrate`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::terminal::Terminal;
use crate::{configuration, node};

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file with the configuration, in TOML
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory of the node [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Options {
    /// Brings the database to the schema of this version. With a SQLite file, or where `database.migrate` says so, a node
    /// does the same when it starts.
    ///
    /// # Errors
    /// When the configuration cannot be used, a node uses the database, or it cannot be changed.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<()> {
        let flag = self.data_dir.map(|path| ("node.data_dir".to_owned(), path.display().to_string()));
        let loaded = configuration::load(self.config.as_deref(), flag.into_iter().collect())?;
        let migrated = node::migrate(&loaded.config)?;
        for name in migrated.applied {
            terminal.line(format!("applied {name}"))?;
        }
        let version = env!("CARGO_PKG_VERSION");
        terminal.line(format!("{} has the schema of cronbus {version}", migrated.database))?;
        Ok(())
    }
}
