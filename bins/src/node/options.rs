//! The flags of `cronbus node`. They stand before the file and the variables.

use std::path::PathBuf;

use clap::Args;
use cronbus_core::port::membership::Role;

use crate::ctl::pair::Pair;

/// How the node shall be.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Options {
    /// The parts it plays: scheduler, dispatcher, executor, monitor, web [default: all of them]
    #[arg(long, value_name = "ROLES", value_delimiter = ',', value_parser = role)]
    roles: Vec<String>,
    /// A file with the configuration, in TOML, or gocron's conf.ini
    #[arg(long, value_name = "FILE", env = "CRONBUS_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Its name among the nodes [default: the name of the host]
    #[arg(long)]
    name: Option<String>,
    /// A group that jobs can name; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// A label that jobs can ask for; may be given several times
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<Pair>,
    /// Where it keeps its database, token and spool [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where its web listens; port 0 takes a free one [default: 127.0.0.1:7373]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where it answers /healthz, /readyz and /metrics alone; port 0 takes a free one [default: nowhere]
    #[arg(long, value_name = "ADDRESS")]
    health_listen: Option<String>,
    /// A document with jobs to begin with, if the database is empty
    #[arg(long, value_name = "FILE")]
    pub(super) load: Option<PathBuf>,
}

impl Options {
    /// The flags as keys of the configuration and their values.
    pub(super) fn flags(&self) -> Vec<(String, String)> {
        let labels: Vec<_> = self.labels.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
        let text = |path: &PathBuf| path.display().to_string();
        let flags = [
            ("node.roles", (!self.roles.is_empty()).then(|| self.roles.join(","))),
            ("node.name", self.name.clone()),
            ("node.groups", (!self.groups.is_empty()).then(|| self.groups.join(","))),
            ("node.labels", (!labels.is_empty()).then(|| labels.join(","))),
            ("node.data_dir", self.data_dir.as_ref().map(text)),
            ("web.listen", self.listen.clone()),
            ("health.listen", self.health_listen.clone()),
        ];
        flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

fn role(text: &str) -> Result<String, String> {
    let known = Role::ALL.iter().map(|role| role.as_str());
    if known.clone().any(|word| word == text) {
        return Ok(text.to_owned());
    }
    Err(format!("write one or more of {}, separated by commas", known.collect::<Vec<_>>().join(", ")))
}
