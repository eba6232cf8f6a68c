//! What a cluster shall be.

use std::path::PathBuf;
use std::time::Duration;

use crate::kind::Kind;

/// A cluster that is not there yet.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The executable of every node.
    pub executable: PathBuf,
    /// [`Kind::MariaDb`] or [`Kind::PostgreSql`].
    pub database: Kind,
    /// Further arguments for the database server.
    pub database_arguments: Vec<String>,
    /// The nodes, in the order in which they are started. At least one has the role `web`.
    pub nodes: Vec<NodePlan>,
    /// For how long a node counts as alive after etcd last heard of it.
    pub lease: Duration,
    /// Sections of configuration that every node has, in TOML: not those of the services, `node`, `web`,
    /// `health` and `cluster`.
    pub configuration: String,
    /// Whether each node reaches the servers through proxies of its own, to be cut off.
    pub through_proxies: bool,
}

/// One node of it.
#[derive(Clone, Debug)]
pub struct NodePlan {
    /// Its name.
    pub name: String,
    /// Its roles.
    pub roles: Vec<&'static str>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its own sections of configuration, in TOML.
    pub configuration: String,
}

impl NodePlan {
    /// A node of these roles in no group.
    #[must_use]
    pub fn new(name: impl Into<String>, roles: &[&'static str]) -> Self {
        Self { name: name.into(), roles: roles.to_vec(), groups: Vec::new(), configuration: String::new() }
    }

    /// The same in a group.
    #[must_use]
    pub fn in_group(mut self, group: &str) -> Self {
        self.groups.push(group.to_owned());
        self
    }

    /// Whether it answers REST.
    #[must_use]
    pub fn has_web(&self) -> bool {
        self.roles.contains(&"web")
    }
}

impl Plan {
    /// What `make cluster` starts: three schedulers with dispatchers, three executors, a monitor, a web node.
    #[must_use]
    pub fn example(executable: PathBuf, database: Kind) -> Self {
        let deciding = (1..=3).map(|n| NodePlan::new(format!("scheduler-{n}"), &["scheduler", "dispatcher"]));
        let executing = [("executor-1", "red"), ("executor-2", "red"), ("executor-3", "blue")]
            .map(|(name, group)| NodePlan::new(name, &["executor"]).in_group(group));
        let watching = [NodePlan::new("monitor-1", &["monitor"]), NodePlan::new("web-1", &["web"])];
        Self::new(executable, database, deciding.chain(executing).chain(watching).collect())
    }

    /// A cluster of these nodes with nothing special.
    #[must_use]
    pub const fn new(executable: PathBuf, database: Kind, nodes: Vec<NodePlan>) -> Self {
        Self {
            executable,
            database,
            database_arguments: Vec::new(),
            nodes,
            lease: Duration::from_secs(10),
            configuration: String::new(),
            through_proxies: false,
        }
    }
}
