//! Where a run may be executed, and how one of several fitting nodes is chosen. The choosing is in `route`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::NodeName;

/// Which nodes fit. Written `"any"`, `{ node = "…" }`, `{ group = "…" }` or `{ labels = { … } }`, each with
/// `broadcast = true` where every fitting node shall run it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Target {
    /// Which nodes fit.
    pub nodes: Nodes,
    /// One run on every fitting node instead of one run.
    pub broadcast: bool,
}

impl Target {
    /// The group whose nodes fit; absent when that is not what the target says.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        match &self.nodes {
            Nodes::Group(group) => Some(group),
            Nodes::Any | Nodes::Named(_) | Nodes::Labels(_) => None,
        }
    }
}

/// A condition on nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nodes {
    /// Every node with the executor role.
    #[default]
    Any,
    /// The node of this name.
    Named(NodeName),
    /// The nodes of this group.
    Group(String),
    /// The nodes that have all these labels.
    Labels(BTreeMap<String, String>),
}

/// For people: `any node`, ``node `a` ``, ``group `php` ``, ``labels `zone=eu` ``.
impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any node"),
            Self::Named(name) => write!(f, "node `{name}`"),
            Self::Group(group) => write!(f, "group `{group}`"),
            Self::Labels(labels) => {
                let pairs: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(f, "labels `{}`", pairs.join(", "))
            }
        }
    }
}

/// How one of several fitting nodes is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// In turn.
    #[default]
    RoundRobin,
    /// The one with the most free slots.
    LeastLoaded,
    /// Any.
    Random,
    /// The same one for the same job as long as it lives.
    Hash,
    /// The first in the order of names that lives.
    Failover,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Table(Table),
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<NodeName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    broadcast: bool,
}

impl TryFrom<Written> for Target {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let table = match written {
            Written::Word(word) if word == "any" => return Ok(Self::default()),
            Written::Word(_) => {
                return Err("target: write \"any\", { node = \"…\" }, { group = \"…\" } or { labels = { … } }");
            }
            Written::Table(table) => table,
        };
        let nodes = match (table.node, table.group, table.labels.is_empty()) {
            (None, None, true) => Nodes::Any,
            (Some(node), None, true) => Nodes::Named(node),
            (None, Some(group), true) => Nodes::Group(group),
            (None, None, false) => Nodes::Labels(table.labels),
            _ => return Err("target: write one of `node`, `group` and `labels`, not several"),
        };
        Ok(Self { nodes, broadcast: table.broadcast })
    }
}

impl From<Target> for Written {
    fn from(target: Target) -> Self {
        let mut table = Table { broadcast: target.broadcast, ..Table::default() };
        match target.nodes {
            Nodes::Any if !target.broadcast => return Self::Word("any".to_owned()),
            Nodes::Any => {}
            Nodes::Named(node) => table.node = Some(node),
            Nodes::Group(group) => table.group = Some(group),
            Nodes::Labels(labels) => table.labels = labels,
        }
        Self::Table(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_and_writes_back() {
        for text in [
            r#""any""#,
            r#"{"node":"web1"}"#,
            r#"{"group":"php"}"#,
            r#"{"labels":{"zone":"a"}}"#,
            r#"{"group":"php","broadcast":true}"#,
            r#"{"broadcast":true}"#,
        ] {
            let target: Target = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&target).unwrap(), text);
        }
        for bad in [r#""all""#, r#"{"node":"a","group":"b"}"#, r#"{"nodes":"a"}"#] {
            assert!(serde_json::from_str::<Target>(bad).is_err(), "{bad}");
        }
    }
}
