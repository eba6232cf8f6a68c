//! `cronbus cluster`: what the nodes of a cluster share.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::terminal::Terminal;
use crate::cluster_key;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the key by which nodes know each other's messages
    Init(InitOptions),
}

/// Where the key goes.
#[derive(Debug, Args)]
pub(crate) struct InitOptions {
    /// The file to make; one that is there is left as it is
    #[arg(long, value_name = "FILE", default_value = "cluster.key")]
    key_file: PathBuf,
}

impl InitOptions {
    /// Makes the key.
    ///
    /// # Errors
    /// When the file is there already or cannot be made.
    pub(crate) fn run(&self, terminal: &mut Terminal) -> Result<()> {
        cluster_key::create(&self.key_file)?;
        let path = self.key_file.display();
        terminal.line(format!(
            "made {path}: copy it to every node, readable by the node alone, and set cluster.key_file to its place"
        ))?;
        Ok(())
    }
}
