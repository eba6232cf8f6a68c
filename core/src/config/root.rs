//! The whole configuration: its sections, and what follows from several of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::port::membership::Role;

use super::section::{
    Alerts, Audit, Bus, Cluster, Database, Dispatcher, Executor, Guard, Health, Log, Membership, Monitor, Node, Oidc,
    Retention, Scheduler, Secrets, Web,
};

/// The manual: every key with its comment and default, as built into the executable.
pub const DEFAULT_TOML: &str = include_str!("../../../conf/default.toml");

/// The configuration of a node. `Default` is what [`DEFAULT_TOML`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who this node is and which parts it plays.
    pub node: Node,
    /// REST, the web admin, health and metrics.
    pub web: Web,
    /// Signing in at an OpenID provider.
    pub oidc: Oidc,
    /// Health and metrics on a listener of their own.
    pub health: Health,
    /// The truth: jobs, runs, watermarks.
    pub database: Database,
    /// How messages reach other nodes.
    pub bus: Bus,
    /// How the nodes of a cluster know each other's messages.
    pub cluster: Cluster,
    /// Which nodes live.
    pub membership: Membership,
    /// What keeps the losers of a race from reaching the database.
    pub guard: Guard,
    /// Knows the time and says what is due.
    pub scheduler: Scheduler,
    /// Turns due moments into runs and records their outcomes.
    pub dispatcher: Dispatcher,
    /// Runs commands and calls.
    pub executor: Executor,
    /// Watches jobs, runs and nodes.
    pub monitor: Monitor,
    /// Telling people.
    pub alerts: Alerts,
    /// What is deleted when.
    pub retention: Retention,
    /// For how long is kept who did what.
    pub audit: Audit,
    /// The key that the secrets of jobs are sealed with.
    pub secrets: Secrets,
    /// What the node writes to its standard error.
    pub log: Log,
}

impl Config {
    /// Whether a node of these roles asks the database: one that only executes does not.
    #[must_use]
    pub fn reads_database(&self) -> bool {
        self.node.roles.iter().any(|role| *role != Role::Executor)
    }

    /// The file of the administrator's token: as configured, or `admin.token` in the data directory.
    #[must_use]
    pub fn token_path(&self) -> PathBuf {
        if self.web.token_file.as_os_str().is_empty() {
            return self.node.data_dir.join("admin.token");
        }
        self.web.token_file.clone()
    }

    /// The file of the embedded database: as configured, or `cronbus.db` in the data directory. `None` when the database
    /// is not a file.
    #[must_use]
    pub fn database_path(&self) -> Option<PathBuf> {
        match self.database.url.as_str().strip_prefix("sqlite://")? {
            "" => Some(self.node.data_dir.join("cronbus.db")),
            path => Some(path.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn document_keys(document: &toml::Table) -> Vec<String> {
        let sections = document.iter().map(|(section, keys)| (section, keys.as_table().expect("a section")));
        sections.flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}"))).collect()
    }

    #[test]
    fn the_file_and_the_structs_have_the_same_keys_and_values() {
        let file: toml::Table = DEFAULT_TOML.parse().unwrap();
        let structs = toml::Table::try_from(Config::default()).unwrap();
        assert_eq!(document_keys(&file), document_keys(&structs));
        assert_eq!(file.try_into::<Config>().unwrap(), Config::default());
    }

    #[test]
    fn every_key_and_section_of_the_file_has_a_comment() {
        let mut before = "";
        for line in DEFAULT_TOML.lines() {
            if !line.is_empty() && !line.starts_with('#') {
                assert!(before.starts_with("# "), "no comment above: {line}");
            }
            before = line;
        }
    }

    #[test]
    fn paths_are_in_the_data_directory_unless_given() {
        let mut config = Config::default();
        assert_eq!(config.token_path(), Path::new("./data/admin.token"));
        assert_eq!(config.database_path().as_deref(), Some(Path::new("./data/cronbus.db")));
        config.web.token_file = "/run/token".into();
        config.database.url = super::super::ServiceUrl::new("sqlite:///var/lib/cronbus.db");
        assert_eq!(config.token_path(), Path::new("/run/token"));
        assert_eq!(config.database_path().as_deref(), Some(Path::new("/var/lib/cronbus.db")));
    }
}
