//! `[node]`: who this node is and which parts it plays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::duration::Period;
use crate::port::membership::Role;

/// Who this node is and which parts it plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Unique among the nodes of a cluster, by the rule of [`crate::id::NodeName`]. Empty: the name of the host.
    pub name: String,
    /// The parts it plays, at least one.
    pub roles: BTreeSet<Role>,
    /// Groups that jobs can name as their target.
    pub groups: BTreeSet<String>,
    /// Labels that jobs can ask for in their target.
    pub labels: BTreeMap<String, String>,
    /// Where the node keeps its database, token and spool; made at the first start.
    pub data_dir: PathBuf,
    /// How long a new executable may take until it is ready to go on in place of this one (`cronbus upgrade`).
    pub upgrade_timeout: Period,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            name: String::new(),
            roles: Role::ALL.into(),
            groups: BTreeSet::new(),
            labels: BTreeMap::new(),
            data_dir: "./data".into(),
            upgrade_timeout: Period::from_secs(60),
        }
    }
}
