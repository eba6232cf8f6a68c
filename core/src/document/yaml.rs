//! YAML as nodes, under a budget: a few lines of aliases must not become gigabytes.

use serde::Deserialize;
use serde_saphyr::options::AliasLimits;
use serde_saphyr::{Budget, Options, Spanned};

use super::error::Error;
use super::node::{Node, Value};
use super::read::MAX_BYTES;

/// How deep values may be nested; a job needs six levels.
const MAX_DEPTH: usize = 64;
/// How many values a document may have.
const MAX_NODES: usize = 4_000_000;
/// How many values may come from aliases.
const MAX_REPLAYED: usize = 100_000;

struct YamlNode(Node);

impl<'de> Deserialize<'de> for YamlNode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value<Self>>::deserialize(deserializer)?;
        let line = Some(spanned.referenced.line()).filter(|line| *line > 0);
        let value = match spanned.value {
            Value::Scalar(scalar) => Value::Scalar(scalar),
            Value::List(nodes) => Value::List(nodes.into_iter().map(|node| node.0).collect()),
            Value::Table(entries) => Value::Table(entries.into_iter().map(|(key, node)| (key, node.0)).collect()),
        };
        Ok(Self(Node { line, value }))
    }
}

/// Reads one document of YAML 1.2, in which only `true` and `false` are booleans.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    serde_saphyr::from_str_with_options::<YamlNode>(text, options()).map(|node| node.0).map_err(|error| {
        let error = error.without_snippet();
        let line = error.location().map(|location| location.line()).filter(|line| *line > 0);
        Error::of_document(line, format!("this is not YAML that can be used: {error}"))
    })
}

fn options() -> Options {
    let budget = Budget {
        max_events: 2 * MAX_NODES,
        max_nodes: MAX_NODES,
        max_depth: MAX_DEPTH,
        max_documents: 1,
        max_aliases: 10_000,
        max_anchors: 10_000,
        max_total_scalar_bytes: MAX_BYTES,
        ..Budget::default()
    };
    let alias_limits = AliasLimits {
        max_total_replayed_events: MAX_REPLAYED,
        max_replay_stack_depth: 16,
        max_alias_expansions_per_anchor: 10_000,
    };
    Options { budget: Some(budget), alias_limits, strict_booleans: true, with_snippet: false, ..Options::default() }
}
