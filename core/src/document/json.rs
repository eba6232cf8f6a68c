//! JSON as nodes. Lines are known only of what cannot be read.

use serde::Deserialize;

use super::error::Error;
use super::node::{Node, Value};

struct JsonNode(Node);

impl<'de> Deserialize<'de> for JsonNode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = match Value::<Self>::deserialize(deserializer)? {
            Value::Scalar(scalar) => Value::Scalar(scalar),
            Value::List(nodes) => Value::List(nodes.into_iter().map(|node| node.0).collect()),
            Value::Table(entries) => Value::Table(entries.into_iter().map(|(key, node)| (key, node.0)).collect()),
        };
        Ok(Self(Node { line: None, value }))
    }
}

/// Reads a text; depth is bounded by serde_json's own limit of 128.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    serde_json::from_str::<JsonNode>(text).map(|node| node.0).map_err(|error| {
        let line = u64::try_from(error.line()).ok().filter(|line| *line > 0);
        Error::of_document(line, format!("this is not JSON: {error}"))
    })
}
